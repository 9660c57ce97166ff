import type { Redis } from 'ioredis';
import { z } from 'zod';
import { PipelineError } from '../errors.ts';
import type { Keys } from '../keys.ts';

/** The durable side of delivery: what lies in Redis for each run. Everything rejects with STORE_UNAVAILABLE. */
export interface EventLog {
  /** Takes the run for this process; false where it was taken before, by whomever. */
  accept(run: RunKey, acceptance: Acceptance): Promise<boolean>;
  /** Who accepted the run, and how far it came; null for a run that is not known (any more). */
  look(run: RunKey): Promise<Standing | null>;
  /**
   * Appends events with the numbers from `sequence` on, at most `entryEventsMax`, as one entry whose id is the
   * first number: the log itself refuses one that was used, so an append that was sent twice lands once, and of
   * two writers only one goes on, since each begins behind a whole entry. `first`: the log may not exist yet.
   * Rejects also when the log is gone or another writer was there.
   */
  append(run: RunKey, sequence: number, texts: readonly string[], first: boolean): Promise<void>;
  /** Events with a greater sequence number, in order: more than `atMost` where an entry has more. */
  read(run: RunKey, after: number, atMost: number): Promise<LoggedEvent[]>;
  last(run: RunKey): Promise<LoggedEvent | null>;
  /**
   * Writes down how far the run came. A live run's standing is written by its own gateway alone, and whoever
   * writes after its end writes that it has ended: so none undoes the end.
   */
  keep(run: KnownRun): Promise<void>;
  /** Remembers for the user's next connection that these runs have events which nobody confirmed. */
  keepUnconfirmed(user: string, runs: readonly Unconfirmed[]): Promise<void>;
  /** Nothing of the run is unconfirmed any more. */
  forgetUnconfirmed(run: RunKey): Promise<void>;
  /** The runs of this user with unconfirmed events. */
  unconfirmed(user: string): Promise<Unconfirmed[]>;
}

export interface RunKey {
  readonly user: string;
  readonly run: string;
}

export interface Acceptance {
  /** Its own for each acceptance, so that a command sent twice recognises its first effect. */
  readonly correlationId: string;
  readonly threadId: string;
  /** The process that works on it. */
  readonly gateway: string;
}

/** How far a run's events were confirmed, and how far they were sent. */
export interface Unconfirmed {
  readonly run: string;
  readonly confirmed: number;
  readonly sent: number;
}

export interface Standing extends Acceptance {
  readonly ended: boolean;
  readonly confirmed: number;
}

/** A run as the process knows it that writes down how far it came. */
export interface KnownRun extends RunKey, Standing {}

export interface LoggedEvent {
  readonly sequence: number;
  readonly text: string;
}

/** Events that one entry may hold: how far before its last number an entry can begin. */
export const entryEventsMax = 8;

export function createEventLog(redis: Redis, keys: Keys, expiryS: number): EventLog {
  const events = ({ user, run }: RunKey): string => keys.events(user, run);
  const delivery = ({ user, run }: RunKey): string => keys.delivery(user, run);

  const read = async (run: RunKey, after: number, atMost: number): Promise<LoggedEvent[]> => {
    const before = Math.min(after, entryEventsMax - 1);
    const from = `${after + 1 - before}-0`;
    const entries = await redis.xrange(events(run), from, '+', 'COUNT', atMost + before);
    return entries.flatMap(eventsOf).filter(({ sequence }) => sequence > after);
  };

  /** Null where there is none; a text that is no standing where another version left something else. */
  const standingOf = async (run: RunKey): Promise<string | null> => {
    try {
      return await redis.get(delivery(run));
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return '';
      throw error;
    }
  };

  return {
    accept: guarded(async (run: RunKey, acceptance: Acceptance) => {
      const mine = standingText({ ...acceptance, ended: false, confirmed: 0 });
      if ((await redis.set(delivery(run), mine, 'EX', expiryS, 'NX')) === 'OK') return true;
      // Not taken now, or taken by this very command before its reply was lost.
      return (await standingOf(run)) === mine;
    }),

    look: guarded(async (run: RunKey) => {
      const text = await standingOf(run);
      return text === null ? null : standingIn(text);
    }),

    append: guarded(async (run: RunKey, sequence: number, texts: readonly string[], first: boolean) => {
      const key = events(run);
      const id = `${sequence}-0`;
      const fields = fieldsOf(sequence, texts);
      const appended = (
        first ? redis.xadd(key, id, ...fields) : redis.xadd(key, 'NOMKSTREAM', id, ...fields)
      ).catch(async (error: unknown) => {
        if (!isUsedId(error)) throw error;
        const [there] = await redis.xrange(key, id, id);
        if (there?.[1].join('\n') === fields.join('\n')) return id;
        throw new PipelineError('STORE_UNAVAILABLE', {
          detail: 'the run is written elsewhere',
          cause: error,
        });
      });
      if (!first) {
        if ((await appended) === null)
          throw new PipelineError('STORE_UNAVAILABLE', { detail: 'the log of the run is gone' });
        return;
      }
      const expires = redis.expire(key, expiryS).catch(() => redis.expire(key, expiryS));
      const [added, expiry] = await Promise.allSettled([appended, expires]);
      if (added.status === 'rejected') throw added.reason;
      if (expiry.status === 'rejected') throw expiry.reason;
    }),

    read: guarded(read),

    last: guarded(async (run: RunKey) => {
      const [entry] = await redis.xrevrange(events(run), '+', '-', 'COUNT', 1);
      return entry === undefined ? null : (eventsOf(entry).at(-1) ?? null);
    }),

    // Written whole, with its expiry: what was lost meanwhile is there again, and nothing is there for ever.
    keep: guarded(async (run: KnownRun) => {
      await redis.set(delivery(run), standingText(run), 'EX', expiryS);
    }),

    keepUnconfirmed: guarded(async (user: string, runs: readonly Unconfirmed[]) => {
      const key = keys.unconfirmed(user);
      const fields = runs.flatMap(({ run, ...far }) => [run, JSON.stringify(far)]);
      const [kept, expires] = await Promise.allSettled([
        redis.hset(key, ...fields),
        redis.expire(key, expiryS),
      ]);
      if (kept.status === 'rejected') throw kept.reason;
      if (expires.status === 'rejected') throw expires.reason;
    }),

    forgetUnconfirmed: guarded(async ({ user, run }: RunKey) => {
      await redis.hdel(keys.unconfirmed(user), run);
    }),

    unconfirmed: guarded(async (user: string) =>
      Object.entries(await redis.hgetall(keys.unconfirmed(user))).flatMap(([run, text]) => {
        const far = storedUnconfirmed.safeParse(jsonIn(text));
        return far.success ? [{ run, ...far.data }] : [];
      }),
    ),
  };
}

function standingText({ correlationId, threadId, gateway, ended, confirmed }: Standing): string {
  return JSON.stringify({ correlation_id: correlationId, thread_id: threadId, gateway, ended, confirmed });
}

/** Throws RUN_UNKNOWN for a text that `standingText` did not write. */
function standingIn(text: string): Standing {
  const read = storedStanding.safeParse(jsonIn(text));
  if (!read.success)
    throw new PipelineError('RUN_UNKNOWN', { detail: 'it was left by another version', cause: read.error });
  const { correlation_id, thread_id, gateway, ended, confirmed } = read.data;
  return { correlationId: correlation_id, threadId: thread_id, gateway, ended, confirmed };
}

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const count = z.number().int().min(0);
const storedStanding = z.strictObject({
  correlation_id: z.string(),
  thread_id: z.string(),
  gateway: z.string(),
  ended: z.boolean(),
  confirmed: count,
});
const storedUnconfirmed = z.strictObject({ confirmed: count, sent: count });

/** `n`: the number of the first event; then an `e` for each. */
function fieldsOf(sequence: number, texts: readonly string[]): string[] {
  const fields = ['n', String(sequence)];
  for (const text of texts) fields.push('e', text);
  return fields;
}

function eventsOf([id, fields]: [string, string[]]): LoggedEvent[] {
  const first = Number.parseInt(id, 10);
  const events: LoggedEvent[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] === 'e') events.push({ sequence: first + events.length, text: fields[at + 1] ?? '' });
  }
  return events;
}

/** Redis refuses an id that is not greater than the last one; its text is the only mark of that refusal. */
function isUsedId(error: unknown): boolean {
  return error instanceof Error && error.message.includes('equal or smaller');
}

function guarded<A extends unknown[], R>(work: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) => work(...args).catch(refuse);
}

function refuse(cause: unknown): never {
  throw cause instanceof PipelineError ? cause : new PipelineError('STORE_UNAVAILABLE', { cause });
}
