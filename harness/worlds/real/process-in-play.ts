import type { WorldClock } from '../../clock.ts';
import type { EventDraft, EventOf, Recorder } from '../../history.ts';
import type { InsideHost } from '../../instrument/inside-host.ts';
import type { DefectReference } from '../../world.ts';
import { OwnEnds } from '../own-ends.ts';
import type { ChildSetup } from './child-messages.ts';
import { type ChildExit, PipelineChild } from './child-process.ts';

/** How long a crashed process takes to be back, as in simulation. */
const restartMs = 500;
/** Longer than the pipeline gives its runs when it closes. */
const stopMs = 5_000;

/** Lends one process to play after play; a fresh one where the last has ended. */
export class PipelineNursery {
  #next: PipelineChild | null = null;

  /** Starts loading a process now, so that it is there when it is needed. */
  prepare(): PipelineChild {
    if (this.#next === null || this.#next.gone) this.#next = new PipelineChild();
    return this.#next;
  }

  /** Resolves when a process is at hand. Rejects with a HarnessError where none can be had. */
  async ready(): Promise<void> {
    await this.prepare().loaded();
  }

  /** The process at hand. Rejects with a HarnessError where none can be had. */
  async take(): Promise<PipelineChild> {
    const child = this.prepare();
    this.#next = null;
    await child.loaded();
    return child;
  }

  /** Gives back a process whose pipeline has stopped. */
  giveBack(child: PipelineChild): void {
    if (child.gone || this.#next !== null) child.kill();
    else this.#next = child;
  }

  async close(): Promise<void> {
    const child = this.#next;
    this.#next = null;
    child?.kill();
    await child?.exited;
  }
}

export interface ProcessInPlayOptions {
  readonly nursery: PipelineNursery;
  readonly setup: Omit<ChildSetup, 'defect' | 'clockErrorMs' | 'startup'>;
  /** How it is started now; undefined: as usual. */
  startup(): ChildSetup['startup'];
  /** Milliseconds by which the clock on the wall is wrong by now. */
  clockErrorMs(): number;
  /** The number of the next process of the play, whichever gateway's. */
  nextInstance(): number;
  /** What runs at the start. */
  readonly version: ProcessVersion;
  readonly host: InsideHost;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
  /** The harness itself failed: no process could be had. */
  readonly failed: (thrown: unknown) => void;
}

/** One version of the pipeline. */
export interface ProcessVersion {
  /** In the history. */
  readonly name: string;
  readonly defect?: DefectReference;
}

/** The pipeline's process as one play sees it: it starts, may crash and come back, and stops. */
export class ProcessInPlay {
  readonly #options: ProcessInPlayOptions;
  #child: PipelineChild | null = null;
  #url: string | null = null;
  #instance = 0;
  readonly #ends = new OwnEnds();
  #stopping = false;
  #wasFilled = false;
  /** Set while it dies of a fault, until it is back. */
  #killed: { readonly backAfterMs: number; readonly back: () => void } | null = null;
  #version: ProcessVersion;

  constructor(options: ProcessInPlayOptions) {
    this.#options = options;
    this.#version = options.version;
  }

  /** Where the pipeline listens now; null while it is down. */
  get url(): string | null {
    return this.#url;
  }

  /** Whether it serves, or is down for good. */
  get settled(): boolean {
    return this.#url !== null || this.#stopping || this.isDownForGood;
  }

  /** Resolves when the pipeline serves, or when its process has died over its start. */
  async start(): Promise<void> {
    const { nursery, setup, host, failed } = this.#options;
    try {
      const child = await nursery.take();
      if (this.#stopping) {
        nursery.giveBack(child);
        return;
      }
      this.#child = child;
      this.#instance = this.#options.nextInstance();
      this.#record({ type: 'process-started' });
      void child.exited.then((exit) => this.#exited(child, exit));
      const { defect } = this.#version;
      const startup = this.#options.startup();
      const clockErrorMs = this.#options.clockErrorMs();
      const started = await child.start(
        {
          ...setup,
          clockErrorMs,
          ...(defect === undefined ? {} : { defect }),
          ...(startup === undefined ? {} : { startup }),
        },
        host,
      );
      if (started !== null && this.#child === child && this.#killed === null) this.#url = started.url;
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** Dies at once (SIGKILL), and is back after a time; nothing, where it is down already. */
  kill(backAfterMs: number, back: () => void): void {
    const child = this.#child;
    if (child === null || this.#killed !== null) {
      back();
      return;
    }
    this.#killed = { backAfterMs, back };
    this.#url = null;
    child.kill();
  }

  /** Something in it takes so much memory, and lets go of it after a time. */
  async fill(bytes: number, ms: number, ended: () => void): Promise<void> {
    const child = this.#child;
    this.#wasFilled = true;
    const empty = await child?.fill(bytes);
    this.#measure(child);
    this.#options.clock.after(ms, () => {
      void (async () => {
        await empty?.();
        this.#measure(child);
        ended();
      })();
    });
  }

  #measure(child: PipelineChild | null): void {
    const bytes = child === null || child !== this.#child ? null : child.residentBytes;
    if (bytes === null) return;
    const process = this.#version.name;
    this.#options.recorder.record({ type: 'measured', actor: 'world', what: 'memory', process, bytes });
  }

  /** The clock on its wall jumps. */
  jump(byMs: number): void {
    this.#child?.jump(byMs);
  }

  /** Stops the pipeline; its process serves the next play. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== null) {
      const stopped = await child.stop(stopMs);
      // Where it died over its end, that was recorded when it did.
      if (this.#child === child && !child.gone) {
        this.#record({ type: 'process-exited', cause: 'asked', code: stopped ? '0' : 'STILL_RUNNING' });
        this.#child = null;
        // What it gives back to the machine of so much is not known well enough for another play.
        if (stopped && !this.#wasFilled) this.#options.nursery.giveBack(child);
        else child.kill();
      }
    }
    this.#url = null;
  }

  /** Replaces the pipeline by another version of it; resolves when that serves. */
  async replace(version: ProcessVersion): Promise<void> {
    await this.stop();
    this.#stopping = false;
    this.#version = version;
    await this.start();
  }

  /** Ends the process at once and records nothing: the play is over. */
  abandon(): void {
    this.#stopping = true;
    this.#url = null;
    const child = this.#child;
    this.#child = null;
    child?.kill();
  }

  /** Nobody will start it again. */
  get isDownForGood(): boolean {
    return this.#child === null && this.#ends.areTooMany;
  }

  #exited(child: PipelineChild, { code, refusal }: ChildExit): void {
    if (this.#child !== child) return;
    const isRefused = this.#url === null && refusal !== null;
    this.#child = null;
    this.#url = null;
    const killed = this.#killed;
    this.#killed = null;
    if (killed === null && isRefused) {
      this.#ends.count('refused');
      this.#record({ type: 'start-refused', names: refusal });
      this.#record({ type: 'process-exited', cause: 'refused', code });
    } else {
      const cause = killed === null ? 'crashed' : 'killed';
      this.#ends.count(cause);
      this.#record({ type: 'process-exited', cause, code });
    }
    if (this.#stopping || this.isDownForGood) {
      killed?.back();
      return;
    }
    this.#options.nursery.prepare();
    const version = this.#version;
    this.#options.clock.after(killed?.backAfterMs ?? restartMs, () => {
      killed?.back();
      // Another version may have taken its place meanwhile.
      if (this.#version === version) void this.start();
    });
  }

  #record(
    what:
      | { type: 'process-started' }
      | { type: 'start-refused'; names: readonly string[] }
      | { type: 'process-exited'; cause: EventOf<'process-exited'>['cause']; code: string },
  ): void {
    const process = this.#version.name;
    const draft: EventDraft = { ...what, actor: 'world', process, instance: this.#instance };
    this.#options.recorder.record(draft);
  }
}
