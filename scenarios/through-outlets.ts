import type { Delivery } from '../src/delivery/delivery.ts';
import type { Outlet } from '../src/delivery/outlet.ts';

/** The same delivery, which is given another outlet in place of each: one and the same as long as that lives. */
export function throughOutlets(delivery: Delivery, make: (outlet: Outlet) => Outlet): Delivery {
  const others = new WeakMap<Outlet, Outlet>();
  const other = (outlet: Outlet): Outlet => {
    const known = others.get(outlet) ?? make(outlet);
    others.set(outlet, known);
    return known;
  };
  return {
    accept: (run, outlet) => delivery.accept(run, other(outlet)),
    resume: (outlet, runId, after) => delivery.resume(other(outlet), runId, after),
    confirm: (outlet, runId, sequence) => delivery.confirm(other(outlet), runId, sequence),
    greet: (outlet) => delivery.greet(other(outlet)),
    detach: (outlet) => delivery.detach(other(outlet)),
    settle: () => delivery.settle(),
    close: () => delivery.close(),
  };
}

/** The same outlet, but for what is sent. */
export function sendingThrough(outlet: Outlet, send: (text: string) => void): Outlet {
  return {
    userId: outlet.userId,
    get isOpen() {
      return outlet.isOpen;
    },
    get unsent() {
      return outlet.unsent;
    },
    send,
    notify: (notice) => outlet.notify(notice),
    flushed: () => outlet.flushed(),
    tooSlow: () => outlet.tooSlow(),
  };
}
