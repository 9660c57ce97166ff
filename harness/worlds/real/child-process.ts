import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { residentBytes } from '../../../src/adapters/resident-memory.ts';
import { HarnessError } from '../../errors.ts';
import type { InsideHost } from '../../instrument/inside-host.ts';
import { entryPoint } from '../entry-point.ts';
import { startRefusalIn } from '../start-refusal.ts';
import type { ChildSetup, FromChild, ToChild } from './child-messages.ts';
import { reaping } from './reaping.ts';
import { redacted } from './redacted.ts';

/** How a child ended. */
export interface ChildExit {
  /** Its exit code, or the signal that ended it. */
  readonly code: string;
  /** What it said it lacks; null where it did not say that it would not start. */
  readonly refusal: readonly string[] | null;
}

const loadMs = 30_000;
const stderrCharactersMax = 64 * 1024;

/**
 * The reference pipeline in a process of its own, without any handler of ours: it dies where it would die.
 * One child serves a batch of plays; each starts the pipeline anew.
 */
export class PipelineChild {
  readonly #process: ChildProcess;
  readonly #loaded: Promise<void>;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<ChildExit>;
  #gone = false;
  #plays = 0;
  #host: InsideHost | null = null;
  #stderr = '';
  #line = '';
  #refusal: readonly string[] | null = null;
  #onStart: ((url: string) => void) | null = null;
  #onStop: (() => void) | null = null;
  #fills = 0;
  /** By what is waited for. */
  readonly #onFill = new Map<string, () => void>();
  #onLoad: () => void = () => {};

  constructor() {
    const entry = entryPoint(import.meta.url, './child');
    this.#process = fork(fileURLToPath(entry.url), [], {
      execArgv: entry.execArgv,
      // A process group of its own: Ctrl-C in the terminal is for the run, which then ends its child itself.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TMPDIR: process.env.TMPDIR,
        NODE_ENV: 'production',
      },
    });
    this.exited = new Promise((resolve) => {
      const gone = (code: string): void => {
        this.#gone = true;
        if (this.#process.pid !== undefined) reaping().forgetProcess(this.#process.pid);
        resolve({ code, refusal: this.#refusal });
      };
      this.#process.once('error', () => gone('SPAWN_FAILED'));
      // `close` comes after `exit` and the last message.
      this.#process.once('close', (code, signal) => gone(signal ?? String(code ?? 'unknown')));
    });
    this.#loaded = new Promise((resolve) => {
      this.#onLoad = resolve;
    });
    if (this.#process.pid !== undefined) reaping().process(this.#process.pid);
    this.#process.on('message', (message) => this.#take(message as FromChild));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrCharactersMax);
      this.#read(text);
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** What the child wrote to its standard error lately, for diagnosis only: never part of a history. */
  get stderr(): string {
    return redacted(this.#stderr);
  }

  /** Resolves when the child has loaded its code. Rejects with a HarnessError when it cannot. */
  async loaded(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const how = await Promise.race([
      this.#loaded.then(() => 'loaded' as const),
      this.exited.then(() => 'gone' as const),
      new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), loadMs);
      }),
    ]);
    clearTimeout(timer);
    if (how === 'loaded') return;
    this.kill();
    const last = this.stderr.trim().split('\n').slice(-5).join(' / ');
    throw new HarnessError(
      'internal',
      how === 'late'
        ? `The pipeline's process did not load within ${loadMs / 1_000} s.`
        : `The pipeline's process ended before it had loaded: ${last || 'it said nothing'}.`,
      'Run with an unchanged installation (npm ci); report it if that does not help.',
    );
  }

  /** Starts the pipeline for one play. Null: the process died over it. `host` decides for its inner wires. */
  start(setup: ChildSetup, host: InsideHost): Promise<{ readonly url: string } | null> {
    const play = ++this.#plays;
    this.#host = host;
    return Promise.race([
      new Promise<{ url: string }>((resolve) => {
        this.#onStart = (url) => resolve({ url });
        this.#send({ do: 'start', play, setup });
      }),
      this.exited.then(() => null),
    ]);
  }

  /** Stops the pipeline of this play; the process stays. False: it died over it, or did not within `withinMs`. */
  async stop(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const stopped = await Promise.race([
      new Promise<true>((resolve) => {
        this.#onStop = () => resolve(true);
        this.#send({ do: 'stop', play: this.#plays });
      }),
      this.exited.then(() => false),
      new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), withinMs);
      }),
    ]);
    clearTimeout(timer);
    this.#host = null;
    return stopped;
  }

  /**
   * It takes so much memory for nothing. Resolves when it has, or is gone, to what makes it give that back, which
   * does likewise.
   */
  async fill(bytes: number): Promise<() => Promise<void>> {
    const fill = ++this.#fills;
    const play = this.#plays;
    await this.#filling({ do: 'fill', play, fill, bytes });
    return () => this.#filling({ do: 'empty', play, fill });
  }

  async #filling(message: Extract<ToChild, { do: 'fill' | 'empty' }>): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#onFill.set(`${message.do} ${message.fill}`, resolve);
    });
    this.#send(message);
    await Promise.race([done, this.exited]);
  }

  /** What it has in memory, as its machine counts it; null where it is gone. */
  get residentBytes(): number | null {
    return this.#process.pid === undefined ? null : residentBytes(this.#process.pid);
  }

  /** The clock on its wall jumps. */
  jump(byMs: number): void {
    this.#send({ do: 'jump', play: this.#plays, byMs });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#host = null;
    this.#process.kill('SIGKILL');
  }

  /** Line by line, however they come. */
  #read(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(-stderrCharactersMax);
    for (const line of lines) this.#refusal = startRefusalIn(line) ?? this.#refusal;
  }

  #send(message: ToChild): void {
    // A child that died in between is seen by `exited`.
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  #take(message: FromChild): void {
    if (message.did === 'load') {
      this.#onLoad();
      return;
    }
    if (message.play !== this.#plays) return;
    const host = this.#host;
    if (message.did === 'start') this.#onStart?.(message.url);
    else if (message.did === 'stop') this.#onStop?.();
    else if (message.did === 'fill' || message.did === 'empty')
      this.#onFill.get(`${message.did} ${message.fill}`)?.();
    else if (host === null) return;
    else if (message.did === 'meet') void this.#decide(host, message);
    else if (message.did === 'fire') host.fired(message.meeting);
    else if (message.did === 'pass') host.passed(message.meeting);
    else if (message.did === 'poison') host.poisoned(message.meeting, message.index);
    else if (message.did === 'record') host.record(message.draft);
  }

  async #decide(host: InsideHost, { play, call, draft }: Extract<FromChild, { did: 'meet' }>): Promise<void> {
    const decision = await host.meet(draft);
    this.#send({ do: 'decided', play, call, decision });
  }
}
