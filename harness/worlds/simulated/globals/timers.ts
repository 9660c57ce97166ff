import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import type { KernelEvent } from '../event-heap.ts';
import type { Kernel, Realm } from '../kernel.ts';
import { platform } from '../platform.ts';
import type { Replacements } from './replacement.ts';
import { onStage } from './stage.ts';

/**
 * Replaces timers and immediates, global and of `node:timers`, by events of the play's kernel. Outside of a
 * play they are the platform's, so that loading a module works.
 */
export function replaceTimers(replacements: Replacements): void {
  const replaced = {
    setTimeout: Object.assign(setTimeout, { [promisify.custom]: wait }),
    setInterval,
    setImmediate: Object.assign(setImmediate, { [promisify.custom]: waitTurn }),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  for (const [name, value] of Object.entries(replaced)) {
    replacements.set(globalThis, name, value);
    replacements.set(timers, name, value);
  }
  replacements.set(timersPromises, 'setTimeout', wait);
  replacements.set(timersPromises, 'setImmediate', waitTurn);
  replacements.set(timersPromises, 'setInterval', ticks);
  replacements.set(timersPromises, 'scheduler', {
    wait: (ms: number, options?: WaitOptions) => wait(ms, undefined, options),
    yield: () => waitTurn(),
  });
}

type Callback = (...args: unknown[]) => void;

/** What a virtual `setTimeout`, `setInterval` or `setImmediate` returns: all that third-party code asks of a timer. */
class SimulatedTimer {
  readonly #kernel: Kernel;
  readonly #realm: Realm;
  readonly #ms: number;
  readonly #repeats: boolean;
  readonly #run: () => void;
  #event: KernelEvent;
  #referenced = true;

  constructor(kernel: Kernel, ms: number, repeats: boolean, run: () => void) {
    this.#kernel = kernel;
    this.#realm = kernel.realm;
    this.#ms = ms;
    this.#repeats = repeats;
    this.#run = run;
    this.#event = this.#schedule();
  }

  #schedule(): KernelEvent {
    return this.#kernel.schedule(this.#ms, this.#fire, this.#realm);
  }

  readonly #fire = (): void => {
    if (this.#repeats) this.#event = this.#schedule();
    this.#run();
  };

  ref(): this {
    this.#referenced = true;
    return this;
  }

  unref(): this {
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** Starts the time anew, also after it ran. */
  refresh(): this {
    this.#event.run = null;
    this.#event = this.#schedule();
    return this;
  }

  close(): this {
    this.#event.run = null;
    return this;
  }

  [Symbol.toPrimitive](): number {
    const id = this.#event.sequence + 1;
    byNumber.set(id, new WeakRef(this));
    return id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Only timers whose number somebody asked for are in here. */
const byNumber = new Map<number, WeakRef<SimulatedTimer>>();

/** Node takes what is not a number of at least 1 as 1, and what does not fit into 31 bits as 1 too. */
function span(ms: unknown): number {
  const number = Number(ms);
  return number >= 1 && number <= 0x7fff_ffff ? Math.trunc(number) : 1;
}

function setTimeout(run: Callback, ms?: number, ...args: unknown[]): unknown {
  const play = onStage.play;
  if (play === null) return platform.setTimeout(run, ms, ...args);
  return new SimulatedTimer(play.kernel, span(ms), false, called(run, args));
}

function setInterval(run: Callback, ms?: number, ...args: unknown[]): unknown {
  const play = onStage.play;
  if (play === null) return platform.setInterval(run, ms, ...args);
  return new SimulatedTimer(play.kernel, span(ms), true, called(run, args));
}

function setImmediate(run: Callback, ...args: unknown[]): unknown {
  const play = onStage.play;
  if (play === null) return platform.setImmediate(run, ...args);
  return new SimulatedTimer(play.kernel, 0, false, called(run, args));
}

function called(run: Callback, args: readonly unknown[]): () => void {
  if (typeof run !== 'function') {
    throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  return args.length === 0 ? (run as () => void) : () => run(...args);
}

function clear(timer: unknown): void {
  if (timer instanceof SimulatedTimer) {
    timer.close();
  } else if (typeof timer === 'number' || typeof timer === 'string') {
    byNumber.get(Number(timer))?.deref()?.close();
    platform.clearTimeout(timer);
  } else if (timer !== null && timer !== undefined) {
    platform.clearTimeout(timer as NodeJS.Timeout);
    platform.clearImmediate(timer as NodeJS.Immediate);
  }
}

interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

function wait<T>(ms?: number, value?: T, options: WaitOptions = {}): Promise<T> {
  return waitFor((done) => setTimeout(done, ms), value as T, options.signal);
}

function waitTurn<T>(value?: T, options: WaitOptions = {}): Promise<T> {
  return waitFor((done) => setImmediate(done), value as T, options.signal);
}

function waitFor<T>(start: (done: () => void) => unknown, value: T, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortError(signal));
      return;
    }
    const timer = start(() => {
      signal?.removeEventListener('abort', aborted);
      resolve(value);
    });
    const aborted = (): void => {
      clear(timer);
      reject(abortError(signal));
    };
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

async function* ticks<T>(ms?: number, value?: T, options: WaitOptions = {}): AsyncGenerator<T> {
  for (;;) yield await wait(ms, value as T, options);
}

function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}
