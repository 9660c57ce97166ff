import type { Redis } from 'ioredis';
import { PipelineError } from '../errors.ts';
import { type Keys, placeText } from '../keys.ts';

/**
 * The places that one user's runs take up, numbered from 1 and kept in Redis: as many as the user may have
 * runs at the same time, over all gateways. The store gives each place to one run alone and takes it back by
 * itself, so that a gateway that died keeps none for longer than a context is good for.
 */
export interface Places {
  /**
   * The place that the run was given; null where all are taken. `inUse`: those that this process knows to be
   * taken, which are not asked for. Rejects with STORE_UNAVAILABLE.
   */
  take(run: PlacedRun, inUse: ReadonlySet<number>): Promise<number | null>;
  /** Before the place has come back by itself. Rejects with STORE_UNAVAILABLE; the place then comes back by itself. */
  leave(run: PlacedRun, place: number): Promise<void>;
}

export interface PlacedRun {
  readonly userId: string;
  readonly runId: string;
  /** Its own for each try, so that a command sent twice recognises its first effect. */
  readonly correlationId: string;
}

export function createPlaces(
  redis: Redis,
  keys: Keys,
  options: { readonly placesPerUser: number; readonly expiryMs: number },
): Places {
  const numbers = Array.from({ length: options.placesPerUser }, (_, index) => index + 1);

  async function take(run: PlacedRun, inUse: ReadonlySet<number>): Promise<number | null> {
    const text = placeText(run.runId, run.correlationId);
    const takes = async (place: number): Promise<boolean> =>
      (await redis.set(keys.place(run.userId, place), text, 'PX', options.expiryMs, 'NX')) === 'OK';
    const likely = numbers.find((place) => !inUse.has(place));
    if (likely === undefined) return null;
    if (await takes(likely)) return likely;
    // Another gateway has it, or this very command took it before its reply was lost.
    const there = await redis.mget(numbers.map((place) => keys.place(run.userId, place)));
    const own = there.indexOf(text);
    if (own >= 0) return own + 1;
    for (const place of numbers) {
      if (there[place - 1] === null && !inUse.has(place) && (await takes(place))) return place;
    }
    return null;
  }

  /** Of a command that brought no answer nobody knows whether it was done: what stands there tells whose a place is. */
  async function leaveOwn(run: PlacedRun): Promise<void> {
    const places = numbers.map((place) => keys.place(run.userId, place));
    const own = (await redis.mget(places)).indexOf(placeText(run.runId, run.correlationId));
    const key = places[own];
    if (key !== undefined) await redis.del(key);
  }

  return {
    async take(run, inUse) {
      const taking = take(run, inUse);
      taking.catch(() => leaveOwn(run)).catch(() => {});
      return guarded(taking);
    },
    leave: (run, place) =>
      guarded(
        redis.del(keys.place(run.userId, place)).then(
          () => {},
          () => leaveOwn(run),
        ),
      ),
  };
}

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new PipelineError('STORE_UNAVAILABLE', { cause });
  }
}
