import type { Redis } from 'ioredis';
import { PipelineError } from '../errors.ts';
import { type Keys, slotText } from '../keys.ts';

/**
 * The slots that one user's runs take up, numbered from 1 and kept in Redis: as many as the user may have
 * runs at the same time, over all gateways. The store gives each slot to one run alone and takes it back by
 * itself, so that a gateway that died keeps none for longer than a context is good for.
 */
export interface Slots {
  /**
   * The slot that the run was given; null where all are taken. `inUse`: those that this process knows to be
   * taken, which are not asked for. Rejects with STORE_UNAVAILABLE.
   */
  take(run: SlotRun, inUse: ReadonlySet<number>): Promise<number | null>;
  /** Before the slot has come back by itself. Rejects with STORE_UNAVAILABLE; the slot then comes back by itself. */
  leave(run: SlotRun, slot: number): Promise<void>;
}

export interface SlotRun {
  readonly userId: string;
  readonly runId: string;
  /** Its own for each try, so that a command sent twice recognises its first effect. */
  readonly correlationId: string;
}

export function createSlots(
  redis: Redis,
  keys: Keys,
  options: { readonly slotsPerUser: number; readonly expiryMs: number },
): Slots {
  const numbers = Array.from({ length: options.slotsPerUser }, (_, index) => index + 1);

  async function take(run: SlotRun, inUse: ReadonlySet<number>): Promise<number | null> {
    const text = slotText(run.runId, run.correlationId);
    const takes = async (slot: number): Promise<boolean> =>
      (await redis.set(keys.slot(run.userId, slot), text, 'PX', options.expiryMs, 'NX')) === 'OK';
    const likely = numbers.find((slot) => !inUse.has(slot));
    if (likely === undefined) return null;
    if (await takes(likely)) return likely;
    // Another gateway has it, or this very command took it before its reply was lost.
    const there = await redis.mget(numbers.map((slot) => keys.slot(run.userId, slot)));
    const own = there.indexOf(text);
    if (own >= 0) return own + 1;
    for (const slot of numbers) {
      if (there[slot - 1] === null && !inUse.has(slot) && (await takes(slot))) return slot;
    }
    return null;
  }

  /** Of a command that brought no answer nobody knows whether it was done: what stands there tells whose a slot is. */
  async function leaveOwn(run: SlotRun): Promise<void> {
    const slots = numbers.map((slot) => keys.slot(run.userId, slot));
    const own = (await redis.mget(slots)).indexOf(slotText(run.runId, run.correlationId));
    const key = slots[own];
    if (key !== undefined) await redis.del(key);
  }

  return {
    async take(run, inUse) {
      const taking = take(run, inUse);
      taking.catch(() => leaveOwn(run)).catch(() => {});
      return guarded(taking);
    },
    leave: (run, slot) =>
      guarded(
        redis.del(keys.slot(run.userId, slot)).then(
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
