import type { Stream } from './stream.ts';

/** What lies under a key. Strings are bytes, one character each (latin1). */
export type Value =
  | { readonly type: 'string'; readonly bytes: string }
  | { readonly type: 'list'; readonly items: string[] }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'zset'; readonly scores: Map<string, number> }
  | { readonly type: 'hash'; readonly fields: Map<string, string> }
  | { readonly type: 'stream'; readonly stream: Stream };

export type ValueType = Value['type'];

/** The members of a sorted set in order: by score, then by bytes. */
export function inOrder(scores: ReadonlyMap<string, number>): [member: string, score: number][] {
  return [...scores].sort(([a, scoreA], [b, scoreB]) => scoreA - scoreB || (a < b ? -1 : 1));
}
