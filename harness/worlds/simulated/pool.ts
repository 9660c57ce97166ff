import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Case } from '../../case.ts';
import { HarnessError, wordsOf } from '../../errors.ts';
import type { Examination, ExaminationRequest } from '../../explore/examination.ts';
import { type ExaminationRoom, examineWith } from '../../explore/examine.ts';
import type { History } from '../../history.ts';
import type { PlayOptions, World } from '../../world.ts';
import { entryPoint } from '../entry-point.ts';
import { scenarioNamed } from './loading.ts';
import { platform } from './platform.ts';
import { redisInSimulation } from './redis-version.ts';
import { historyOfSpinning } from './spinning.ts';
import type { Answer, Failure, Job } from './worker-protocol.ts';

export interface SimulatedPoolOptions {
  /** Worker threads; default: one for each core that the process may use. */
  readonly threads?: number;
  /** Milliseconds of the wall's time that one case may take before its thread is killed as spinning. */
  readonly spinLimitMs?: number;
}

/** Plays and examines simulated cases in worker threads. */
export interface SimulatedPool extends ExaminationRoom {
  play(playing: Case, options?: Pick<PlayOptions, 'defect' | 'module'>): Promise<History>;
  close(): Promise<void>;
}

/**
 * Starts threads as they are needed; each does one job at a time. A case that spins loses its thread, not
 * the pool: its history says that the process was caught SPINNING.
 */
export function createSimulatedPool(options: SimulatedPoolOptions = {}): SimulatedPool {
  return new Pool(options.threads ?? availableParallelism(), options.spinLimitMs ?? 20_000);
}

/** The simulated world, over a pool of its own. */
export function createSimulatedWorld(options: SimulatedPoolOptions = {}): World {
  const pool = createSimulatedPool({ threads: 1, ...options });
  return {
    name: 'simulated',
    redis: redisInSimulation,
    play: async (playing, how = {}) => {
      how.signal?.throwIfAborted();
      const history = await pool.play(playing, how);
      // A play takes milliseconds; one that was given up meanwhile is not handed out.
      how.signal?.throwIfAborted();
      return history;
    },
    close: () => pool.close(),
  };
}

class Pool implements SimulatedPool {
  readonly threads: number;
  readonly #spinLimitMs: number;
  readonly #idle: Thread[] = [];
  readonly #all = new Set<Thread>();
  readonly #queue: ((thread: Thread) => void)[] = [];
  #closed = false;

  constructor(threads: number, spinLimitMs: number) {
    this.threads = Math.max(1, threads);
    this.#spinLimitMs = spinLimitMs;
  }

  async play(playing: Case, options: Pick<PlayOptions, 'defect' | 'module'> = {}): Promise<History> {
    const { defect, module } = options;
    const answer = await this.#do({
      do: 'play',
      playing,
      ...(defect === undefined ? {} : { defect }),
      ...(module === undefined ? {} : { module }),
    });
    if (answer === 'spinning') return historyOfSpinning(playing);
    if (answer.is === 'played') return answer.history;
    throw unexpected(answer);
  }

  async examine(playing: Case, request: ExaminationRequest): Promise<Examination> {
    const answer = await this.#do({ do: 'examine', playing, request });
    if (answer !== 'spinning') {
      if (answer.is === 'examined') return answer.examination;
      throw unexpected(answer);
    }
    // Case or twin spins; played one by one it is seen which, and the rest is judged here.
    const scenario = await scenarioNamed(request.module, request.scenario);
    return examineWith((each) => this.play(each, request), playing, request, scenario);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((thread) => thread.end()));
    this.#all.clear();
  }

  async #do(job: Job): Promise<Answer | 'spinning'> {
    const thread = await this.#free();
    const answer = await thread.do(job, this.#spinLimitMs).catch((error) => {
      this.#lose(thread);
      throw error;
    });
    if (answer === 'spinning') this.#lose(thread);
    else this.#release(thread);
    if (answer !== 'spinning' && answer.is === 'failed') throw asError(answer.failure);
    return answer;
  }

  async #free(): Promise<Thread> {
    if (this.#closed) throw closed();
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.size < this.threads) {
      const thread = new Thread();
      this.#all.add(thread);
      return thread;
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  #release(thread: Thread): void {
    const waiting = this.#queue.shift();
    if (waiting === undefined) this.#idle.push(thread);
    else waiting(thread);
  }

  #lose(thread: Thread): void {
    this.#all.delete(thread);
    void thread.end();
    const waiting = this.#queue.shift();
    if (waiting === undefined || this.#closed) return;
    const fresh = new Thread();
    this.#all.add(fresh);
    waiting(fresh);
  }
}

/**
 * Room for what is new in a thread's memory, MB, as Node 24 has it by itself. A play fills some twenty, of which
 * nearly nothing outlives it; with less room the engine copies what is still in use in the midst of every play.
 */
const youngMb = 192;

/** One worker thread and the job it has. */
class Thread {
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  #settle: { answer(answer: Answer): void; fail(error: Error): void } | null = null;
  #death: HarnessError | null = null;

  constructor() {
    const { url, execArgv } = entryPoint(import.meta.url, './worker');
    this.#worker = new Worker(url, { execArgv, resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
    this.#worker.unref();
    this.#ready = new Promise((resolve, reject) => {
      this.#settle = { answer: () => resolve(), fail: reject };
    });
    // Awaited by the first job; a thread that is never given one fails unseen.
    this.#ready.catch(() => undefined);
    this.#worker.on('message', (answer: Answer) => this.#settle?.answer(answer));
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(`exit code ${code}`));
  }

  async do(job: Job, limitMs: number): Promise<Answer | 'spinning'> {
    this.#worker.ref();
    try {
      await this.#ready;
      if (this.#death !== null) throw this.#death;
      return await new Promise((resolve, reject) => {
        const timer = platform.setTimeout(() => resolve('spinning'), limitMs);
        const done = (): void => {
          platform.clearTimeout(timer);
          this.#settle = null;
        };
        this.#settle = {
          answer: (answer) => {
            done();
            resolve(answer);
          },
          fail: (error) => {
            done();
            reject(error);
          },
        };
        this.#worker.postMessage(job);
      });
    } finally {
      this.#worker.unref();
    }
  }

  #die(cause: unknown): void {
    this.#death ??= died(cause);
    this.#settle?.fail(this.#death);
  }

  async end(): Promise<void> {
    this.#settle?.fail(closed());
    await this.#worker.terminate();
  }
}

function closed(): HarnessError {
  return new HarnessError('internal', 'The simulation was closed while a case was played.', 'Play it again.');
}

function died(cause: unknown): HarnessError {
  return new HarnessError(
    'internal',
    `A simulation thread died: ${wordsOf(cause)}.`,
    'Report it with the case that was played.',
    cause,
  );
}

function asError(failure: Failure): Error {
  const { kind, message, remedy, stack } = failure;
  if (kind !== undefined) return new HarnessError(kind, message, remedy ?? '');
  return new HarnessError(
    'internal',
    `A simulated play failed: ${message}`,
    'Report it with the case that was played.',
    stack,
  );
}

function unexpected(answer: Answer): HarnessError {
  return new HarnessError('internal', `A simulation thread answered "${answer.is}".`, 'Report it.');
}
