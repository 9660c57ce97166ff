import type { Delivery } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';
import { sendingThrough, throughOutlets } from '../through-outlets.ts';

/** The bridge marked an event as confirmed as soon as the sending function had returned. */
export function confirmedBySending(delivery: Delivery): Delivery {
  const marking = (outlet: Outlet): Outlet => {
    const sending = sendingThrough(outlet, (text) => {
      outlet.send(text);
      const { run_id, sequence } = JSON.parse(text) as { run_id: string; sequence: number };
      delivery.confirm(sending, run_id, sequence).catch(() => {});
    });
    return sending;
  };
  return throughOutlets(delivery, marking);
}
