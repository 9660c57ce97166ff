import type { Delivery, DeliveryMeans } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';

/** Nobody waited for a confirmation: longer than any run, and a timer can hold it. */
const neverMs = 2 ** 30;

/**
 * The old manager of connections: an event goes to the connections that its user has at that moment. Where
 * there is none, it is put into a queue that keeps the newest `keptMost`, and sent when the user comes back.
 * A resume brings nothing: there was none.
 */
export function connectionManager(
  create: (means: DeliveryMeans) => Delivery,
  means: DeliveryMeans,
  keptMost: number,
): Delivery {
  const delivery = create({ ...means, confirmMs: neverMs });
  const users = new Map<string, Manager>();
  const managerOf = (userId: string): Manager => {
    const manager = users.get(userId) ?? new Manager(userId, keptMost);
    users.set(userId, manager);
    return manager;
  };
  return {
    accept: (run, outlet) => delivery.accept(run, managerOf(outlet.userId)),
    resume: async () => false,
    confirm: (outlet, runId, sequence) => delivery.confirm(managerOf(outlet.userId), runId, sequence),
    greet: async (outlet) => managerOf(outlet.userId).add(outlet),
    detach: (outlet) => managerOf(outlet.userId).remove(outlet),
    settle: () => delivery.settle(),
    close: () => delivery.close(),
  };
}

class Manager implements Outlet {
  readonly userId: string;
  readonly isOpen = true;
  readonly unsent = 0;
  readonly #keptMost: number;
  readonly #connections = new Set<Outlet>();
  readonly #queue: string[] = [];

  constructor(userId: string, keptMost: number) {
    this.userId = userId;
    this.#keptMost = keptMost;
  }

  add(outlet: Outlet): void {
    this.#connections.add(outlet);
    for (const text of this.#queue.splice(0)) outlet.send(text);
  }

  remove(outlet: Outlet): void {
    this.#connections.delete(outlet);
  }

  send(text: string): void {
    if (this.#connections.size === 0) {
      this.#queue.push(text);
      if (this.#queue.length > this.#keptMost) this.#queue.shift();
    }
    for (const outlet of this.#connections) outlet.send(text);
  }

  notify(notice: Parameters<Outlet['notify']>[0]): void {
    for (const outlet of this.#connections) outlet.notify(notice);
  }

  async flushed(): Promise<void> {}

  tooSlow(): void {
    for (const outlet of this.#connections) outlet.tooSlow();
  }
}
