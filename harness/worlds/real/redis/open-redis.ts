import { HarnessError } from '../../../errors.ts';
import { sweepFolders } from '../owned-folder.ts';
import { containerSource } from './container.ts';
import { embeddedSource } from './embedded.ts';
import { processSource } from './process.ts';
import type { RedisRequest, RedisServer, RedisSource, RedisWish } from './redis-source.ts';
import { Unavailable } from './redis-source.ts';
import { urlSource } from './url.ts';

/** From the one that says most about production to the one that is always there. */
const sources: readonly RedisSource[] = [containerSource, processSource, embeddedSource];

/** A Redis server, and a line for each better kind that could not be had and what was lost with it. */
export type OpenedRedis = RedisServer & { readonly notes: readonly string[] };

/**
 * Opens the Redis that was asked for, or for `any` the best that this machine has. Rejects with a
 * HarnessError: `environment` where what was asked for cannot be had, `usage` where it means nothing.
 */
export async function openRedis(wish: RedisWish, request: RedisRequest): Promise<OpenedRedis> {
  sweepFolders();
  const asked = sourceNamed(wish);
  if (asked !== null) {
    try {
      return { ...(await asked.open(request)), notes: [] };
    } catch (thrown) {
      throw thrown instanceof Unavailable ? forbidden(asked, thrown) : thrown;
    }
  }
  const notes: string[] = [];
  for (const source of sources) {
    request.signal?.throwIfAborted();
    try {
      return { ...(await source.open(request)), notes };
    } catch (thrown) {
      if (!(thrown instanceof Unavailable)) throw thrown;
      notes.push(`no Redis ${source.kind}: ${thrown.message} (${thrown.remedy}); lost: ${source.loses}`);
    }
  }
  throw new HarnessError(
    'environment',
    `There is no Redis: ${notes.join('; ')}.`,
    'Give a URL with --redis.',
  );
}

/** The one source that a wish allows; null for `any`. */
function sourceNamed(wish: RedisWish): RedisSource | null {
  if (wish === 'any') return null;
  const named = sources.find((source) => source.kind === wish);
  if (named !== undefined) return named;
  if (/^[a-z]+:\/\//i.test(wish)) return urlSource(wish);
  throw new HarnessError(
    'usage',
    `"${wish.slice(0, 40)}" is no kind of Redis.`,
    'Use any, container, process, embedded, or a URL such as redis://127.0.0.1:6379.',
  );
}

function forbidden(source: RedisSource, cause: Unavailable): HarnessError {
  const what = source.kind === 'url' ? 'the given URL' : `Redis as ${source.kind}`;
  return new HarnessError(
    'environment',
    `Asked for ${what}, and nothing else will do: ${cause.message}.`,
    cause.remedy,
    cause,
  );
}
