import { readKey } from '../../src/keys.ts';
import type { EventDraft, Json } from '../history.ts';
import type { StoredKey as KeyAtRest } from '../redis/snapshot.ts';

type Stored = Extract<EventDraft, { type: 'stored' }>;

/** One key as it lies in Redis: its value by type, entries of a stream as field lists. */
export interface StoredKey {
  readonly key: string;
  readonly type: 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream';
  readonly texts: readonly string[];
  readonly expires: boolean;
}

/** Longer texts are cut in the history, and it says so. */
const textCharactersMax = 64 * 1024;

/**
 * What a history says of one key at rest: on which road it lies, whose it is, and each of its texts as JSON
 * where it is JSON (a stream's entries one by one).
 */
export function storedEvents(prefix: string, stored: StoredKey): Stored[] {
  const { road, user, run, agent } = meaningOf(prefix, stored.key);
  return stored.texts.map((text) => ({
    type: 'stored',
    actor: 'redis',
    store: 'redis',
    key: stored.key,
    road,
    ...(user === undefined ? {} : { user }),
    ...(run === undefined ? {} : { run }),
    ...(agent === undefined ? {} : { agent }),
    ...contentOf(text),
    expires: stored.expires,
  }));
}

/** A key of a snapshot as texts: of a run's event log the events alone, of other values their JSON. */
export function inTexts({ key, ttlMs, type, value }: KeyAtRest): StoredKey {
  const texts =
    type === 'string'
      ? [value]
      : type === 'stream'
        ? value.flatMap(({ fields }) => eventsIn(fields))
        : [JSON.stringify(value)];
  return { key, type, texts, expires: ttlMs !== null };
}

/** Each field `e` holds an event; an entry without one is told as it is. */
function eventsIn(fields: readonly string[]): readonly string[] {
  const events = fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === 'e');
  return events.length > 0 ? events : [JSON.stringify(fields)];
}

interface Meaning {
  readonly road: Stored['road'];
  readonly user?: string;
  readonly run?: string;
  readonly agent?: string;
}

function meaningOf(prefix: string, key: string): Meaning {
  const meaning = readKey(prefix, key);
  if (meaning === null) return { road: 'unknown' };
  if (meaning.user === undefined) return { road: 'delivery' };
  const whose = { user: meaning.user, ...(meaning.run === undefined ? {} : { run: meaning.run }) };
  if (meaning.what === 'state') return { road: 'persistence', ...whose };
  if (meaning.what === 'events' || meaning.what === 'delivery') return { road: meaning.what, ...whose };
  if (meaning.what === 'unconfirmed' || meaning.what === 'slot') return { road: 'delivery', ...whose };
  if (meaning.what.startsWith('cache.')) {
    return { road: 'cache', ...whose, agent: meaning.what.slice('cache.'.length) };
  }
  return { road: 'unknown', ...whose };
}

function contentOf(text: string): { json: Json } | { text: string; truncated?: true } {
  if (text.length > textCharactersMax) return { text: text.slice(0, textCharactersMax), truncated: true };
  try {
    return { json: JSON.parse(text) as Json };
  } catch {
    return { text };
  }
}
