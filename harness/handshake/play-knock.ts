import type { Json } from '../../src/json.ts';
import type { WorldClock } from '../clock.ts';
import type { Recorder } from '../history.ts';
import { codeOfThrown } from '../instrument/code-of-thrown.ts';
import { opcodes } from '../wires/websocket-frame.ts';
import type { Front } from './front.ts';
import { isEntitled, type Knock, type Moment, type Said } from './knock.ts';
import { clientFrame, type RawStream, RawWebSocket } from './raw-web-socket.ts';

export interface KnockOptions {
  readonly knock: Knock;
  readonly user: string;
  /** The name of the n-th connection (1, 2, …) in histories. */
  nameOf(number: number): string;
  readonly front: Front;
  dial(): RawStream;
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  readonly clock: WorldClock;
  readonly recorder: Recorder;
  /** How long it waits for what it asked, milliseconds. */
  readonly patienceMs: number;
}

/** Plays one try, recorded as the client sees it. Resolves when every connection of it is over. */
export async function playKnock(options: KnockOptions): Promise<void> {
  const visits = Array.from({ length: options.knock.atOnce }, (_, index) => new Visit(options, index + 1));
  await Promise.all(visits.map((visit) => visit.play()));
}

class Visit {
  readonly #options: KnockOptions;
  readonly #number: number;
  readonly #name: string;
  readonly #timers: (() => void)[] = [];
  readonly #socket: RawWebSocket;
  readonly #over: Promise<void>;
  #isOver = (): void => {};
  /** What was said and is not answered. */
  #unanswered: Said[] = [];
  #state: 'asking' | 'open' | 'refused' | 'over' = 'asking';
  #isLeaving = false;
  #isWelcome = false;
  #failure: string | undefined;

  constructor(options: KnockOptions, number: number) {
    this.#options = options;
    this.#number = number;
    this.#name = options.nameOf(number);
    this.#over = new Promise((resolve) => {
      this.#isOver = resolve;
    });
    const { knock } = options;
    this.#record({
      type: 'knocked',
      entitled: isEntitled(knock),
      leaves: knock.leaves !== undefined,
      shows: { token: knock.token, offer: knock.offer, origin: knock.origin },
    });
    this.#socket = new RawWebSocket(options.dial(), {
      answered: (status, headers) => this.#answered(status, headers.get(options.front.codeHeader)),
      text: (text) => this.#seen(text),
      failed: (error) => {
        this.#failure ??= codeOfThrown(error);
      },
      closed: (code, reason) => this.#closed(code, reason),
    });
  }

  play(): Promise<void> {
    const { clock, front, knock, nowMs, patienceMs, user } = this.#options;
    const head = Buffer.from(front.upgrade(knock, user, nowMs()), 'latin1');
    const pieces = piecesOf(head, knock.pieces);
    const write = (index: number): void => {
      const piece = pieces[index];
      if (piece === undefined || this.#isLeaving || this.#state === 'over') return;
      const isLast = index === pieces.length - 1;
      this.#socket.write(isLast ? Buffer.concat([piece, ...this.#framesAt('upgrade')]) : piece);
      if (isLast) this.#leaveAfter('upgrade');
      else this.#timers.push(clock.after(knock.betweenMs, () => write(index + 1)));
    };
    write(0);
    this.#timers.push(clock.after(patienceMs, () => this.#leave('fin')));
    return this.#over;
  }

  #answered(status: number, code: string | undefined): void {
    if (this.#state !== 'asking') return;
    if (status !== 101) {
      this.#state = 'refused';
      this.#record({ type: 'connection-refused', status, ...(code === undefined ? {} : { code }) });
      return;
    }
    this.#state = 'open';
    this.#record({ type: 'connection-opened' });
    this.#come('answer');
  }

  #seen(text: string): void {
    if (this.#state !== 'open') return;
    const { front, knock } = this.#options;
    const frame = parsed(text);
    this.#record({ type: 'seen', ...(frame === undefined ? { text: text.slice(0, textMax) } : { frame }) });
    if (frame === undefined) return;
    if (!this.#isWelcome && front.isWelcome(frame)) {
      this.#isWelcome = true;
      this.#come('welcome');
      if (!knock.answersPings) this.#fallSilent();
    }
    const answered = this.#unanswered.find((said) => front.answers(frame, said, this.#number));
    this.#unanswered = this.#unanswered.filter((said) => said !== answered);
    this.#leaveWhenDone();
  }

  #come(moment: Moment): void {
    for (const frame of this.#framesAt(moment)) this.#socket.write(frame);
    this.#leaveAfter(moment);
    this.#leaveWhenDone();
  }

  /** What is to be said at this moment, as bytes; recorded as sent. */
  #framesAt(moment: Moment): Buffer[] {
    const { front, knock } = this.#options;
    return knock.says
      .filter(({ at }) => at === moment)
      .map((said) => {
        const frame = front.message(said, this.#number);
        this.#record({ type: 'sent', frame });
        this.#unanswered.push(said);
        return clientFrame(opcodes.text, Buffer.from(JSON.stringify(frame)));
      });
  }

  #fallSilent(): void {
    this.#socket.answersPings = false;
    this.#record({ type: 'fell-silent' });
  }

  #leaveAfter(moment: Moment): void {
    const { clock, knock } = this.#options;
    const { leaves } = knock;
    if (leaves?.after === moment) this.#timers.push(clock.after(leaves.ms, () => this.#leave(leaves.by)));
  }

  /** Who has all that it came for stays a while; who wants to leave at a moment waits for that. */
  #leaveWhenDone(): void {
    const { clock, knock } = this.#options;
    const saidAll = this.#isWelcome && this.#unanswered.length === 0;
    if (!saidAll || knock.leaves !== undefined) return;
    this.#timers.push(clock.after(knock.staysMs, () => this.#leave('fin')));
  }

  #leave(by: 'fin' | 'reset'): void {
    if (this.#state === 'over') return;
    this.#isLeaving = true;
    if (by === 'fin') this.#socket.end();
    else this.#socket.reset();
  }

  #closed(code: number, reason: string): void {
    const by = this.#isLeaving ? 'user' : 'other';
    const isGone = this.#state === 'asking' && this.#isLeaving;
    if (this.#state === 'open' || isGone) this.#record({ type: 'connection-closed', code, reason, by });
    else if (this.#state === 'asking')
      this.#record({ type: 'connection-refused', status: 0, code: this.#failure ?? 'NO_ANSWER' });
    this.#state = 'over';
    for (const cancel of this.#timers) cancel();
    this.#isOver();
  }

  #record(draft: DraftOfVisit): void {
    const { recorder, user } = this.#options;
    recorder.record({ ...draft, actor: `user:${user}`, user, connection: this.#name } as Draft);
  }
}

type Draft = Parameters<Recorder['record']>[0];
type DraftOfVisit = Draft extends infer Each
  ? Each extends Draft
    ? Omit<Each, 'actor' | 'user' | 'connection'>
    : never
  : never;

/** Characters that a history holds of a frame that is not JSON. */
const textMax = 4_096;

/** About equally long, none empty. */
function piecesOf(bytes: Buffer, count: number): Buffer[] {
  const length = Math.ceil(bytes.length / count);
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
