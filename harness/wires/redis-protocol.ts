import { readKey, runInSlot } from '../../src/keys.ts';
import { textOfBytes } from '../latin1.ts';
import type { Direction, MessageDraft } from '../message.ts';
import { ByteCutter, type UnitEnd } from './byte-cutter.ts';
import type { ProtocolConnection, Unit, WireProtocol } from './gate-contract.ts';
import { NotResp, RequestScanner, replyEnd } from './resp-scanner.ts';

/**
 * The redis wire: commands and their replies in order. A request is named by its command and the first of its
 * keys that is one of ours (`xadd.events` of that user and run; `set.slot` of the run that takes the slot); a reply by the request that it answers.
 * `parsed` of a request: its arguments as bytes (latin1).
 */
export function createRedisProtocol(options: { readonly keyPrefix: string }): WireProtocol {
  return { open: () => new RedisProtocolConnection(options.keyPrefix) };
}

class RedisProtocolConnection implements ProtocolConnection {
  readonly #keyPrefix: string;
  readonly #requests = new ByteCutter();
  readonly #replies = new ByteCutter();
  readonly #scanner = new RequestScanner();
  /** Requests whose replies are still to come, oldest first. */
  readonly #outstanding: Outstanding[] = [];
  /** Channels and patterns that were asked for: with one of them, replies come that nobody asked for. */
  readonly #subscriptions = new Set<string>();
  /** What came is not RESP: all that follows passes as it is. */
  #foreign = false;

  constructor(keyPrefix: string) {
    this.#keyPrefix = keyPrefix;
  }

  request(bytes: Buffer): Unit[] {
    const units: Unit[] = [];
    this.#cut(this.#requests, bytes, this.#scanner.end, units, (unit) => units.push(this.#requestUnit(unit)));
    return units;
  }

  reply(bytes: Buffer, whole?: boolean): Unit[] {
    const units: Unit[] = [];
    const take = (unit: Buffer): void => this.#replyUnit(unit, units);
    if (whole === true && !this.#foreign && this.#replies.empty) take(bytes);
    else this.#cut(this.#replies, bytes, replyEnd, units, take);
    return units;
  }

  rest(direction: Direction): Unit[] {
    const cutter = direction === 'request' ? this.#requests : this.#replies;
    return cutter.empty ? [] : [{ bytes: cutter.rest(), draft: null }];
  }

  fail(unit: Unit, error: string): Unit[] | null {
    const entry = this.#outstanding.find((candidate) => candidate.unit === unit && !candidate.surplus);
    if (entry === undefined) return null;
    entry.error = errorReply(error);
    const due: Unit[] = [];
    this.#answerFailed(due);
    return due;
  }

  repeat(unit: Unit): void {
    const index = this.#outstanding.findIndex((candidate) => candidate.unit === unit);
    const entry = this.#outstanding[index];
    if (entry === undefined) return;
    this.#outstanding.splice(index + 1, 0, { ...entry, surplus: true });
  }

  garbled(unit: Unit): Buffer {
    const bytes = Buffer.from(unit.bytes);
    bytes[0] = 0x23;
    return bytes;
  }

  fragmented(): null {
    return null;
  }

  closing(): null {
    return null;
  }

  /** Half a conversation makes no sense in order: after a dropped message the direction is silent. */
  silences(): boolean {
    return true;
  }

  #cut(cutter: ByteCutter, bytes: Buffer, end: UnitEnd, units: Unit[], take: (unit: Buffer) => void): void {
    if (this.#foreign) {
      if (!cutter.empty) units.push({ bytes: cutter.rest(), draft: null });
      units.push({ bytes, draft: null });
      return;
    }
    try {
      cutter.cut(bytes, end, take);
    } catch (thrown) {
      if (!(thrown instanceof NotResp)) throw thrown;
      this.#foreign = true;
      units.push({ bytes: thrown.bytes, draft: null });
    }
  }

  #requestUnit(bytes: Buffer): Unit {
    const args = this.#scanner.args;
    const [name] = args;
    if (name === undefined) return { bytes, draft: null };
    const command = name.toLowerCase();
    const unit: Unit = { bytes, draft: this.#draftOf(command, args), parsed: args, asks: true };
    this.#outstanding.push({ unit, replies: this.#repliesTo(command, args), surplus: false });
    return unit;
  }

  #draftOf(command: string, args: readonly string[]): MessageDraft {
    for (let i = 1; i < args.length; i++) {
      const arg = args[i];
      if (arg === undefined || arg.length > 512 || !arg.startsWith(this.#keyPrefix)) continue;
      const key = readKey(this.#keyPrefix, textOfBytes(arg));
      if (key === null) continue;
      const kind = `${command}.${key.what}`;
      if (key.user === undefined) return { wire: 'redis', direction: 'request', kind };
      // Of the runs that want the same slot each has a message of its own.
      const run = kind === 'set.slot' ? runInSlot(textOfBytes(args[i + 1] ?? '')) : key.run;
      return run === undefined
        ? { wire: 'redis', direction: 'request', user: key.user, kind }
        : { wire: 'redis', direction: 'request', user: key.user, run, kind };
    }
    return { wire: 'redis', direction: 'request', kind: command };
  }

  /** One reply to each command, but one for each channel to those that change subscriptions. */
  #repliesTo(command: string, args: readonly string[]): number {
    const change = command.endsWith('subscribe') ? /^(p|s)?(un)?subscribe$/.exec(command) : null;
    if (change === null) return 1;
    const mark = change[1] ?? '';
    const channels = args.slice(1).map((channel) => `${mark}:${channel}`);
    if (change[2] === undefined) {
      for (const channel of channels) this.#subscriptions.add(channel);
      return channels.length;
    }
    const left =
      channels.length > 0 ? channels : [...this.#subscriptions].filter((name) => name.startsWith(`${mark}:`));
    for (const channel of left) this.#subscriptions.delete(channel);
    return Math.max(1, left.length);
  }

  #replyUnit(bytes: Buffer, units: Unit[]): void {
    if (this.#isPush(bytes)) {
      units.push({ bytes, draft: { wire: 'redis', direction: 'reply', kind: 'message' } });
      return;
    }
    const entry = this.#outstanding[0];
    if (entry === undefined) {
      units.push({ bytes, draft: null });
      return;
    }
    if (!entry.surplus) units.push(answerTo(entry.unit, bytes));
    entry.replies -= 1;
    if (entry.replies > 0) return;
    this.#outstanding.shift();
    this.#answerFailed(units);
  }

  /** The replies to failed requests that no earlier reply holds up any more. */
  #answerFailed(units: Unit[]): void {
    for (let entry = this.#outstanding[0]; entry?.error !== undefined; entry = this.#outstanding[0]) {
      units.push(answerTo(entry.unit, entry.error));
      this.#outstanding.shift();
    }
  }

  #isPush(bytes: Buffer): boolean {
    if (bytes[0] === pushType) return true;
    if (this.#subscriptions.size === 0 || bytes[0] !== arrayType) return false;
    return /^\*[34]\r\n\$\d\r\n[ps]?message\r\n/.test(bytes.toString('latin1', 0, 24));
  }
}

interface Outstanding {
  readonly unit: Unit;
  replies: number;
  /** The reply to the second of a command that was sent twice. */
  readonly surplus: boolean;
  /** It was not forwarded; this is its reply. */
  error?: Buffer;
}

const arrayType = 0x2a;
const pushType = 0x3e;

function answerTo(request: Unit, bytes: Buffer): Unit {
  return {
    bytes,
    draft: request.draft === null ? null : { ...request.draft, direction: 'reply' },
    answers: request,
  };
}

/** `LOADING Redis is loading` as it stands; a text without a code gets `ERR`. */
function errorReply(error: string): Buffer {
  const text = error.replace(/[\r\n]+/g, ' ');
  return Buffer.from(/^[A-Z][A-Z0-9]+( |$)/.test(text) ? `-${text}\r\n` : `-ERR ${text}\r\n`);
}
