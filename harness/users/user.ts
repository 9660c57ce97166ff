import type { WebSocket } from 'ws';
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';
import type { CaseAction, CaseUser } from '../case.ts';
import type { WorldClock } from '../clock.ts';
import type { Knock } from '../handshake/knock.ts';
import type { Recorder } from '../history.ts';
import { Connection, type Opening } from './connection.ts';
import { RunWatch } from './run-watch.ts';

export interface SimulatedUserOptions {
  readonly user: CaseUser;
  readonly clock: WorldClock;
  readonly recorder: Recorder;
  /** A new WebSocket of this user, with the subprotocols `agent.v1` and the token's. */
  dial(user: string): WebSocket;
  /** Replaces the pipeline by this version of it; resolves when that serves. */
  deploy(version: string | undefined): Promise<void>;
  /** Tries to be let in; resolves when that is over. */
  knock(knock: Knock): Promise<void>;
  /** Milliseconds that the user waits for a run to end. */
  readonly patienceMs: number;
}

/**
 * A user who connects, asks, waits, leaves and comes back as the case says, with a client that keeps its
 * side of the protocol: it confirms what it gets, reconnects when the connection breaks while it waits,
 * resumes after the last event that it has, and asks again for what is missing.
 */
export class SimulatedUser {
  readonly #options: SimulatedUserOptions;
  readonly #runs = new Map<string, RunWatch>();
  #connection: Connection | null = null;
  #dialled = 0;
  /** Connections that were refused or lost since something of a run came. */
  #failures = 0;
  #stopped = false;
  /** Goes on with whatever the user waits for. */
  #wake: () => void = () => {};

  constructor(options: SimulatedUserOptions) {
    this.#options = options;
  }

  /** Plays the user's actions; resolves when the last is done and the connection is closed. */
  async play(): Promise<void> {
    const { user } = this.#options;
    await this.#pause(user.arrivesAtMs);
    for (const action of user.actions) {
      if (this.#stopped) break;
      await this.#do(action);
    }
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null || this.#stopped) return;
    const cancel = this.#options.clock.after(goodByeMs, () => connection.terminate());
    await connection.close();
    cancel();
  }

  /** The play is over: the user drops everything. */
  stop(): void {
    this.#stopped = true;
    this.#leave();
    this.#wake();
  }

  async #do(action: CaseAction): Promise<void> {
    switch (action.do) {
      case 'connect':
        this.#leave();
        this.#failures = 0;
        await this.#connect(this.#options.clock.now() + this.#options.patienceMs);
        return;
      case 'ask':
        await this.#ask(action);
        return;
      case 'wait':
        await this.#pause(action.ms);
        return;
      case 'leave':
        this.#leave();
        return;
      case 'deploy':
        this.#leave();
        await this.#options.deploy(action.version);
        return;
      case 'knock':
        await this.#options.knock(action);
    }
  }

  async #ask(ask: {
    readonly run: string;
    readonly thread: string;
    readonly request: string;
  }): Promise<void> {
    const { clock, patienceMs, recorder, user } = this.#options;
    const watch = new RunWatch(ask);
    this.#runs.set(ask.run, watch);
    const asked = clock.now();
    const until = asked + patienceMs;
    if (this.#connection?.isOpen === true) this.#start(watch);
    while (!this.#stopped && !this.#isDone(watch) && clock.now() < until) {
      if (this.#connection?.isOpen !== true && !(await this.#connect(until))) break;
      await this.#change(watch, until);
    }
    if (watch.ended || this.#stopped) return;
    recorder.record({
      type: 'gave-up',
      actor: `user:${user.id}`,
      user: user.id,
      run: ask.run,
      afterMs: clock.now() - asked,
    });
  }

  /** Ended, and everything came; or what is missing was asked for again and still did not come. */
  #isDone(watch: RunWatch): boolean {
    return watch.complete || (watch.ended && watch.gaveUpGap);
  }

  /** Waits for the next change of the run or of the connection, at most until then. */
  #change(watch: RunWatch, until: number): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        cancel();
        this.#wake = () => {};
        watch.changed = () => {};
        resolve();
      };
      const cancel = this.#options.clock.after(Math.max(0, until - this.#options.clock.now()), go);
      this.#wake = go;
      watch.changed = () => {
        if (this.#isDone(watch)) go();
      };
    });
  }

  #pause(ms: number): Promise<void> {
    if (ms === 0 || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        cancel();
        this.#wake = () => {};
        resolve();
      };
      const cancel = this.#options.clock.after(ms, go);
      // Only the end of the play cuts a pause short.
      this.#wake = () => {
        if (this.#stopped) go();
      };
    });
  }

  /** Tries until it is open, with growing pauses; false where it gave up. */
  async #connect(until: number): Promise<boolean> {
    while (!this.#stopped && this.#failures < attemptsMax) {
      if (this.#failures > 0) {
        const pause = firstPauseMs * 2 ** (this.#failures - 1);
        if (this.#options.clock.now() + pause >= until) return false;
        await this.#pause(pause);
        if (this.#stopped) return false;
      }
      const opening = await this.#dial();
      if (opening.open) {
        this.#takeUp();
        return true;
      }
      this.#failures += 1;
      // A refusal that names the user's own fault stays one.
      if (opening.status >= 400 && opening.status < 500 && opening.status !== 429) return false;
    }
    return false;
  }

  async #dial(): Promise<Opening> {
    const { user, recorder, dial } = this.#options;
    this.#dialled += 1;
    const connection: Connection = new Connection({
      user: user.id,
      name: `${user.id}-${this.#dialled}`,
      recorder,
      socket: dial(user.id),
      onFrame: (frame, seen) => this.#take(connection, frame, seen),
      onClosed: () => {
        if (this.#connection !== connection) return;
        this.#failures += 1;
        this.#wake();
      },
    });
    this.#connection = connection;
    return connection.opening;
  }

  /** After every (re)connection: what has not ended is resumed, or asked again where it was never taken. */
  #takeUp(): void {
    for (const watch of this.#runs.values()) {
      if (watch.ended) continue;
      if (watch.accepted) this.#resume(watch);
      else this.#start(watch);
    }
  }

  #leave(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.terminate();
  }

  #start(watch: RunWatch): void {
    this.#connection?.send({
      type: 'start_agent',
      run_id: watch.run,
      thread_id: watch.thread,
      payload: { user_request: watch.request },
    });
  }

  #resume(watch: RunWatch, parent?: number): void {
    this.#connection?.send({ type: 'resume', run_id: watch.run, after: watch.contiguous }, parent);
  }

  #take(connection: Connection, frame: Json | undefined, seen: number): void {
    if (!isJsonObject(frame)) return;
    const { run_id: run } = frame;
    const watch = typeof run === 'string' ? this.#runs.get(run) : undefined;
    if (watch === undefined) return;
    this.#failures = 0;
    if (typeof frame.sequence === 'number') this.#takeEvent(connection, watch, frame, frame.sequence, seen);
    else this.#takeNotice(watch, frame, seen);
    watch.changed();
  }

  #takeEvent(
    connection: Connection,
    watch: RunWatch,
    frame: JsonObject,
    sequence: number,
    seen: number,
  ): void {
    watch.saw(sequence);
    if (frame.type === 'run_completed' || frame.type === 'run_failed') watch.ended = true;
    if (this.#options.user.confirms === 'all' && watch.contiguous > 0)
      this.#confirmSoon(connection, watch, seen);
    if (watch.hasGap) this.#mindGap(watch);
  }

  #takeNotice(watch: RunWatch, frame: JsonObject, seen: number): void {
    if (frame.type === 'run_accepted') {
      watch.accepted = true;
    } else if (frame.type === 'events_lost' && typeof frame.available_from === 'number') {
      watch.lostBefore(frame.available_from);
    } else if (frame.type === 'error' && frame.code === 'RUN_DUPLICATE') {
      // It was taken after all, and the answer to that was lost.
      if (!watch.accepted) {
        watch.accepted = true;
        this.#resume(watch, seen);
      }
    } else if (frame.type === 'error') {
      watch.ended = true;
    }
  }

  /** Confirmations are cumulative: the end of a run is confirmed at once, what comes before it together. */
  #confirmSoon(connection: Connection, watch: RunWatch, seen: number): void {
    watch.lastSeen = seen;
    if (watch.complete) this.#confirm(connection, watch);
    if (watch.complete || watch.confirming) return;
    watch.confirming = true;
    this.#options.clock.after(confirmAfterMs, () => {
      watch.confirming = false;
      if (this.#connection === connection) this.#confirm(connection, watch);
    });
  }

  #confirm(connection: Connection, watch: RunWatch): void {
    const { user, recorder } = this.#options;
    const seen = watch.lastSeen;
    // What was confirmed on a connection that broke may not have arrived: each connection confirms for itself.
    if (watch.confirmedOn === connection && watch.confirmed >= watch.contiguous) return;
    const sequence = watch.contiguous;
    if (!connection.send({ type: 'event_confirmation', run_id: watch.run, sequence }, seen)) return;
    watch.confirmedOn = connection;
    watch.confirmed = sequence;
    recorder.record({
      type: 'confirmed',
      actor: `user:${user.id}`,
      parent: seen,
      user: user.id,
      run: watch.run,
      sequence,
    });
  }

  /** Events may change places on their way; one that stays away is asked for once, and given up in the end. */
  #mindGap(watch: RunWatch): void {
    if (watch.mindedGap === watch.contiguous) return;
    const missing = watch.contiguous;
    watch.mindedGap = missing;
    const still = (): boolean => watch.hasGap && watch.contiguous === missing && !this.#stopped;
    this.#options.clock.after(gapMs, () => {
      if (still()) this.#resume(watch);
    });
    this.#options.clock.after(gapMs + gapGivenUpMs, () => {
      if (!still()) return;
      watch.gaveUpGap = true;
      watch.changed();
    });
  }
}

const attemptsMax = 8;
const firstPauseMs = 100;
const goodByeMs = 1_000;
/** How long an event may be behind one that follows it. */
const gapMs = 250;
/** How long events that came are kept back to be confirmed together. */
const confirmAfterMs = 20;
const gapGivenUpMs = 1_000;
