import * as nodePath from 'node:path';
import * as fixtureModule from './fixture-module.ts';

/**
 * Live objects by name, so that a case is data: `function` at a path of a result means the object that
 * `recipeNamed('function').make(…)` builds. Each has one fixed shape, told in words, so that a pipeline in
 * another language can make the same poison out of its own objects. Nothing here depends on time or chance.
 */
export interface Recipe {
  readonly name: string;
  /** What it makes, so that anybody could make it again. */
  readonly shape: string;
  make(context: RecipeContext): unknown;
}

/** Where the object goes: the result as a whole, and the object or array that will hold it (absent when it replaces the whole). */
export interface RecipeContext {
  readonly root: unknown;
  readonly parent: unknown;
}

/** A recipe by its name. Throws a RangeError that lists the known names. */
export function recipeNamed(name: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe === undefined)
    throw new RangeError(`no recipe "${name}": known are ${recipes.map((r) => r.name).join(', ')}`);
  return recipe;
}

/** Every recipe, the plainest first: shrinking goes towards the first. */
export const recipes: readonly Recipe[] = [
  {
    name: 'function',
    shape: 'a named function of one argument, without own enumerable properties',
    make: () =>
      function recompute(value: number): number {
        return value * 2;
      },
  },
  {
    name: 'undefined',
    shape: 'the absence of a value, in a place that exists',
    make: () => undefined,
  },
  {
    name: 'nan',
    shape: 'a number that is not a number',
    make: () => Number.NaN,
  },
  {
    name: 'bigint',
    shape: 'the integer 9007199254740993, one more than a double can tell from its neighbour',
    make: () => 9_007_199_254_740_993n,
  },
  {
    name: 'map',
    shape: 'a key-value map of two entries: cpu to 0.82, memory to 0.64',
    make: () =>
      new Map([
        ['cpu', 0.82],
        ['memory', 0.64],
      ]),
  },
  {
    name: 'cycle',
    shape:
      'an object {id: "link-1", back} whose `back` is the object that holds it (itself where it replaces the whole)',
    make: ({ parent }) => {
      const link: { id: string; back?: unknown } = { id: 'link-1' };
      link.back = parent ?? link;
      return link;
    },
  },
  {
    name: 'throwing-getter',
    shape: 'an object {id: "record-1"} with an enumerable accessor `total` that throws when it is read',
    make: () => ({
      id: 'record-1',
      get total(): number {
        throw new Error('detached: the session of this record is closed');
      },
    }),
  },
  {
    name: 'class-instance',
    shape:
      'an agent-like instance of class AgentInstance: id "agent-7", count 3, a method describe(), and `timer`, an object that refers to itself and to the instance and holds a function, as a running timer does',
    make: () => new AgentInstance(),
  },
  {
    name: 'module-namespace',
    shape:
      "the namespace of a module of the platform (node:path): functions, strings and the namespace's own inner cycle",
    make: () => nodePath,
  },
  {
    name: 'own-module-namespace',
    shape:
      'the namespace of a module of one\'s own: `pool` {size: 4, names: ["primary", "replica"]}, the function `connect`, the class `Driver`',
    make: () => fixtureModule,
  },
  {
    name: 'execution-context',
    shape:
      'a frozen object {user_id, thread_id, run_id, request_id, created_at, metadata, session}: `session` is a live database session with methods, whose `bind` leads to an engine and a module and whose `context` leads back',
    make: () => executionContext(),
  },
];

class AgentInstance {
  readonly id = 'agent-7';
  readonly count = 3;
  readonly timer: { repeats: boolean; self?: unknown; owner?: unknown; callback: () => void };

  constructor() {
    this.timer = { repeats: true, callback: () => {} };
    this.timer.self = this.timer;
    this.timer.owner = this;
  }

  describe(): string {
    return `${this.id} (${this.count})`;
  }
}

class DatabaseSession {
  readonly id = 'session-1';
  readonly inTransaction = true;
  readonly bind = { dialect: 'postgresql', driver: fixtureModule };
  context: unknown;

  query(): never {
    throw new Error('the session is closed');
  }

  close(): void {
    this.context = undefined;
  }
}

function executionContext(): object {
  const session = new DatabaseSession();
  const context = Object.freeze({
    user_id: 'user-context-1',
    thread_id: 'thread-context-1',
    run_id: 'run-context-1',
    request_id: 'request-context-1',
    created_at: '2025-09-12T17:15:00.000Z',
    metadata: { attempt: 1, labels: ['staging'] },
    session,
  });
  session.context = context;
  return context;
}
