import type { Delivery } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';
import { sendingThrough, throughOutlets } from '../through-outlets.ts';

/**
 * The tracker knew an event by its type, its user and the millisecond: of two that have these in common the
 * later one took the other's place, and a confirmation of the one was written down for the other.
 */
export function collidingIds(delivery: Delivery): Delivery {
  const tracked = new Map<string, Tracked>();
  const ids = new Map<string, string>();
  const confirmedTo = new Map<string, number>();
  const tracking = (outlet: Outlet): Outlet =>
    sendingThrough(outlet, (text) => {
      const { type, timestamp, run_id, sequence } = JSON.parse(text) as SentEvent;
      const id = `${type}_${outlet.userId}_${Date.parse(timestamp)}`;
      tracked.set(id, { run: run_id, sequence });
      ids.set(`${outlet.userId} ${run_id} ${sequence}`, id);
      outlet.send(text);
    });
  return throughOutlets(
    {
      ...delivery,
      async confirm(outlet, runId, sequence) {
        const run = `${outlet.userId} ${runId}`;
        for (let each = (confirmedTo.get(run) ?? 0) + 1; each <= sequence; each++) {
          const event = tracked.get(ids.get(`${run} ${each}`) ?? '');
          if (event !== undefined) await delivery.confirm(outlet, event.run, event.sequence);
        }
        confirmedTo.set(run, Math.max(sequence, confirmedTo.get(run) ?? 0));
      },
    },
    tracking,
  );
}

interface Tracked {
  readonly run: string;
  readonly sequence: number;
}

interface SentEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly run_id: string;
  readonly sequence: number;
}
