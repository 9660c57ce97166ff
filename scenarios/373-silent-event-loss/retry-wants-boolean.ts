import type { Delivery, DeliveryMeans } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';
import { sendingThrough } from '../through-outlets.ts';

const tries = 3;
const firstPauseMs = 1_000;

/**
 * The fix: three tries, one and two seconds apart, then an error. It took what the sending function returns
 * for success or failure, and that function returns nothing.
 */
export function retryWantsBoolean(
  create: (means: DeliveryMeans) => Delivery,
  means: DeliveryMeans,
): Delivery {
  const delivery = create(means);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => means.clock.after(ms, resolve));
  const sendWithRetry = async (outlet: Outlet, text: string): Promise<void> => {
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await pause(firstPauseMs * 2 ** (attempt - 1));
      const sent: unknown = outlet.send(text);
      if (sent) return;
    }
    throw new Error('CRITICAL event delivery failure');
  };
  return {
    ...delivery,
    async accept(run, outlet) {
      let due: string | null = null;
      let last: Promise<void> = Promise.resolve();
      const waiting = sendingThrough(outlet, (text) => {
        due = text;
      });
      const live = await delivery.accept(run, waiting);
      if (live === null) return null;
      return {
        emit(type, agent, payload) {
          // One event after the other, as it was.
          const sent = last.then(async () => {
            await live.emit(type, agent, payload);
            const text = due;
            due = null;
            if (text !== null) await sendWithRetry(outlet, text);
          });
          last = sent.catch(() => {});
          return sent;
        },
        ended: () => live.ended(),
        async fail(code) {
          await live.fail(code);
          if (due !== null) outlet.send(due);
        },
        tell: (notice) => live.tell(notice),
      };
    },
  };
}
