import type { Recipe } from './recipe.ts';

/** Code where data belongs. */
export const functions: readonly Recipe[] = [
  {
    name: 'function',
    shape: 'a named function of one argument, without own enumerable properties',
    make: () =>
      function recompute(value: number): number {
        return value * 2;
      },
  },
  {
    name: 'callback',
    shape: "an anonymous arrow function of one argument: a callback of one's own",
    make: () => (value: number) => value + 1,
  },
  {
    name: 'built-in-function',
    shape:
      'a function of the platform itself, the one that gives the larger of two numbers: a built-in callback',
    make: () => Math.max,
  },
  {
    name: 'bound-function',
    shape: 'a method that is bound to its object {rate: 3}',
    make: () =>
      function (this: { rate: number }, value: number): number {
        return value * this.rate;
      }.bind({ rate: 3 }),
  },
  {
    name: 'async-function',
    shape: 'a function that would do its work later; it was not called',
    make: () =>
      async function load(): Promise<string> {
        return 'loaded';
      },
  },
  {
    name: 'class',
    shape: 'a class with a constructor, a static field `kind` "report" and a method; no instance of it',
    make: () =>
      class ReportBuilder {
        static readonly kind = 'report';
        readonly title: string;

        constructor(title: string) {
          this.title = title;
        }

        build(): string {
          return this.title;
        }
      },
  },
  {
    name: 'spy',
    shape:
      'a test\'s stand-in for a function: a function with the own properties `calls` [["alice", 1]] and `returns` "ok"',
    make: () => Object.assign(() => 'ok', { calls: [['alice', 1]], returns: 'ok' }),
  },
  {
    name: 'symbol',
    shape: 'a unique token with the description "live"',
    make: () => Symbol('live'),
  },
  {
    name: 'symbol-value',
    shape: 'an object {id: "token-1", kind} whose `kind` is a unique token',
    data: { id: 'token-1' },
    foreign: [['kind']],
    make: () => ({ id: 'token-1', kind: Symbol('live') }),
  },
];
