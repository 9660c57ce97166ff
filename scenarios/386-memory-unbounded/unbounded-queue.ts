import type { Delivery, DeliveryMeans } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';

/**
 * Each connection had a queue, and whoever had something for it put it there and went on. Nobody asked how long it
 * was; what the connection took, it took from there.
 */
export function unboundedQueues(create: (means: DeliveryMeans) => Delivery, means: DeliveryMeans): Delivery {
  const delivery = create(means);
  const queues = new WeakMap<Outlet, QueuedOutlet>();
  const queued = (outlet: Outlet): QueuedOutlet => {
    const queue = queues.get(outlet) ?? new QueuedOutlet(outlet);
    queues.set(outlet, queue);
    return queue;
  };
  return {
    ...delivery,
    accept: (run, outlet) => delivery.accept(run, queued(outlet)),
    resume: (outlet, runId, after) => delivery.resume(queued(outlet), runId, after),
    confirm: (outlet, runId, sequence) => delivery.confirm(queued(outlet), runId, sequence),
    greet: (outlet) => delivery.greet(queued(outlet)),
    detach: (outlet) => delivery.detach(queued(outlet)),
  };
}

class QueuedOutlet implements Outlet {
  /** To whoever asks, all that was sent has left. */
  readonly unsent = 0;
  readonly #outlet: Outlet;
  readonly #queue: string[] = [];
  #isSending = false;

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  get userId(): string {
    return this.#outlet.userId;
  }

  get isOpen(): boolean {
    return this.#outlet.isOpen;
  }

  send(text: string): void {
    this.#queue.push(text);
    if (!this.#isSending) void this.#sendAll();
  }

  notify(notice: Parameters<Outlet['notify']>[0]): void {
    this.send(JSON.stringify(notice));
  }

  async flushed(): Promise<void> {}

  tooSlow(): void {
    this.#outlet.tooSlow();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let text = this.#queue.shift(); text !== undefined; text = this.#queue.shift()) {
      this.#outlet.send(text);
      if (this.#outlet.unsent > 0) await this.#outlet.flushed();
    }
    this.#isSending = false;
  }
}
