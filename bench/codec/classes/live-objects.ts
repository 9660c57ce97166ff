import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import * as nodePath from 'node:path';

import type { ValueClass } from '../value-class.ts';
import * as ownModule from './kinds.ts';
import { live, spoilt } from './kinds.ts';

/** Things that act and cannot be copied: functions, modules, proxies, whatever waits or holds a resource. */
export const liveObjects: readonly ValueClass[] = [
  live(
    'function',
    (ran) =>
      function recompute() {
        ran();
      },
  ),
  live('arrow function', (ran) => () => ran()),
  live('async function', (ran) => async () => ran()),
  live(
    'generator function',
    (ran) =>
      function* walk() {
        ran();
        yield 1;
      },
  ),
  live('class', () => class Driver {}),
  live('bound function', (ran) => ran.bind(null)),
  live('built-in function', () => Math.max),
  live('function with properties', (ran) => Object.assign(() => ran(), { a: 1 })),
  live('promise', () => Promise.resolve(1)),
  // biome-ignore lint/suspicious/noThenProperty: this is the class of value
  spoilt('thenable', (ran) => ({ a: 1, then: ran }), { at: [['then']], rest: { a: 1 } }),
  live('generator', (ran) =>
    (function* walk() {
      ran();
      yield 1;
    })(),
  ),
  live('asynchronous generator', (ran) =>
    (async function* walk() {
      ran();
      yield 1;
    })(),
  ),
  live('iterator of a map', () => new Map([[1, 2]]).entries()),
  live('WeakRef', () => new WeakRef({ a: 1 })),
  live('WeakMap', () => new WeakMap([[{}, 1]])),
  live('WeakSet', () => new WeakSet([{}])),
  live('FinalizationRegistry', () => new FinalizationRegistry(() => {})),
  live('AbortSignal', () => new AbortController().signal),
  live('timer', () => {
    const timer = setTimeout(() => {}, 1_000_000);
    clearTimeout(timer);
    return timer;
  }),
  live('event emitter', () => new EventEmitter()),
  live('socket', () => new Socket()),
  live('module namespace, of the platform', () => nodePath),
  live("module namespace, of one's own", () => ownModule),
  spoilt('global object `Math`', () => Math, {
    at: Reflect.ownKeys(Math).map((key) => [String(key)]),
    rest: {},
  }),
  live('proxy that hides nothing', (ran) => new Proxy({ a: 1 }, watching(ran))),
  live('proxy of a list', (ran) => new Proxy([1], watching(ran))),
  live('proxy of a function', (ran) => new Proxy(ran, {})),
  live('proxy that throws at every touch', (ran) => new Proxy({}, throwing(ran))),
  live('revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({ a: 1 }, {});
    revoke();
    return proxy;
  }),
  live('object below a proxy', (ran) => Object.setPrototypeOf({ a: 1 }, new Proxy({}, throwing(ran)))),
  spoilt('agent with a timer that leads back', () => new AgentInstance(), {
    at: [[], ['timer', 'self'], ['timer', 'owner'], ['timer', 'callback']],
    rest: { id: 'agent-7', count: 3, timer: { repeats: true } },
  }),
];

class AgentInstance {
  readonly id = 'agent-7';
  readonly count = 3;
  readonly timer: Record<string, unknown> = { repeats: true, callback: () => {} };
  constructor() {
    this.timer.self = this.timer;
    this.timer.owner = this;
  }
}

/** Does as an object without a proxy would, and tells. */
function watching(ran: () => void): ProxyHandler<object> {
  return {
    get: (target, key, receiver) => {
      ran();
      return Reflect.get(target, key, receiver);
    },
    ownKeys: (target) => {
      ran();
      return Reflect.ownKeys(target);
    },
  };
}

function throwing(ran: () => void): ProxyHandler<object> {
  const trap = (): never => {
    ran();
    throw new Error('do not touch');
  };
  return { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap };
}
