import type { Delivery } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';
import { sendingThrough, throughOutlets } from '../through-outlets.ts';

/** The retry set the status of an event back to `pending`, and nothing ever sent what was pending. */
export function flagFlipped(delivery: Delivery): Delivery {
  const status = new WeakMap<Outlet, Map<string, 'sent' | 'pending'>>();
  const flipping = (outlet: Outlet): Outlet => {
    const ofOutlet = new Map<string, 'sent' | 'pending'>();
    const sending = sendingThrough(outlet, (text) => {
      const { run_id, sequence } = JSON.parse(text) as { run_id: string; sequence: number };
      const event = `${run_id} ${sequence}`;
      const isRetry = ofOutlet.has(event);
      ofOutlet.set(event, isRetry ? 'pending' : 'sent');
      if (!isRetry) outlet.send(text);
    });
    status.set(sending, ofOutlet);
    return sending;
  };
  return throughOutlets(
    {
      ...delivery,
      resume: (outlet, runId, after) => {
        // What a client asks for is no retry.
        status.get(outlet)?.clear();
        return delivery.resume(outlet, runId, after);
      },
    },
    flipping,
  );
}
