import type { WebSocket } from 'ws';
import type { CaseAction, CaseUser } from '../case.ts';
import type { WorldClock } from '../clock.ts';
import type { Knock } from '../handshake/knock.ts';
import type { Recorder } from '../history.ts';
import { ClientConduct } from './client-conduct.ts';
import type { AskAction, Conduct } from './conduct.ts';
import { RawConduct } from './raw-conduct.ts';
import { Wire } from './wire.ts';

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
 * A user who connects, asks, waits, leaves and comes back as the case says: with the client library, or with
 * a raw client that keeps nothing of its side of the protocol.
 */
export class SimulatedUser {
  readonly #options: SimulatedUserOptions;
  readonly #wire: Wire;
  readonly #conduct: Conduct;
  #stopped = false;
  /** Undoes the end of a pause in reading. */
  #readAgain: () => void = () => {};
  /** Ends whatever the user waits for. */
  #wake: () => void = () => {};

  constructor(options: SimulatedUserOptions) {
    this.#options = options;
    const { clock, user } = options;
    this.#wire = new Wire(options);
    this.#conduct =
      user.client === 'raw'
        ? new RawConduct(this.#wire)
        : new ClientConduct({ user: user.id, wire: this.#wire, clock, takesMs: user.takesMs });
  }

  /** Plays the user's actions; resolves when the last is done and the connection is closed. */
  async play(): Promise<void> {
    const { user } = this.#options;
    await this.#pause(user.arrivesAtMs);
    for (const action of user.actions) {
      if (this.#stopped) break;
      await this.#do(action);
    }
    if (this.#stopped) return;
    this.#readAgain();
    this.#wire.read();
    const cancel = this.#options.clock.after(goodbyeMs, () => this.#wire.drop());
    await this.#conduct.close();
    cancel();
  }

  /** The play is over: the user drops everything. */
  stop(): void {
    this.#stopped = true;
    this.#readAgain();
    this.#conduct.leave();
    this.#wake();
  }

  async #do(action: CaseAction): Promise<void> {
    switch (action.do) {
      case 'connect':
        await this.#atMost(this.#options.patienceMs, this.#conduct.connect());
        return;
      case 'ask':
        await this.#ask(action);
        return;
      case 'wait':
        await this.#pause(action.ms);
        return;
      case 'leave':
        this.#conduct.leave();
        return;
      case 'send':
        this.#wire.sendText(action.text);
        return;
      case 'stall':
        this.#stall(action.ms);
        return;
      case 'deploy':
        this.#conduct.leave();
        await this.#options.deploy(action.version);
        return;
      case 'knock':
        await this.#options.knock(action);
    }
  }

  async #ask(action: AskAction): Promise<void> {
    const { clock, patienceMs, recorder, user } = this.#options;
    const asked = clock.now();
    const ended = await this.#atMost(patienceMs, this.#conduct.ask(action));
    if (ended === true || this.#stopped) return;
    recorder.record({
      type: 'gave-up',
      actor: `user:${user.id}`,
      user: user.id,
      run: action.run,
      afterMs: clock.now() - asked,
    });
  }

  /** What the user does next it does without reading. */
  #stall(ms: number): void {
    this.#wire.stall();
    this.#readAgain();
    this.#readAgain = this.#options.clock.after(ms, () => this.#wire.read());
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#atMost(ms, new Promise(() => {}));
  }

  /** What is waited for, or undefined after so many milliseconds and at the end of the play. */
  #atMost<T>(ms: number, awaited: Promise<T>): Promise<T | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const go = (value: T | undefined): void => {
        cancel();
        this.#wake = () => {};
        resolve(value);
      };
      const cancel = this.#options.clock.after(ms, () => go(undefined));
      this.#wake = () => go(undefined);
      void awaited.then(go);
    });
  }
}

/** For a raw client's goodbye; the library bounds its own. */
const goodbyeMs = 1_000;
