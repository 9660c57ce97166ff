import type { Delivery } from '../../src/delivery/delivery.ts';
import type { Outlet } from '../../src/delivery/outlet.ts';

/**
 * Connections were kept by user and looked up by thread. Nobody was found, and the sender was told that all
 * went well.
 */
export function threadAsUser(delivery: Delivery): Delivery {
  const connections = new Map<string, Outlet>();
  return {
    ...delivery,
    accept: (run, outlet) => delivery.accept(run, connections.get(run.threadId) ?? new Nobody(outlet.userId)),
    greet: (outlet) => {
      connections.set(outlet.userId, outlet);
      return delivery.greet(outlet);
    },
    detach: (outlet) => {
      connections.delete(outlet.userId);
      delivery.detach(outlet);
    },
  };
}

/** Takes everything, and says nothing. */
class Nobody implements Outlet {
  readonly userId: string;
  readonly isOpen = true;
  readonly unsent = 0;

  constructor(userId: string) {
    this.userId = userId;
  }

  send(): void {}

  notify(): void {}

  async flushed(): Promise<void> {}

  tooSlow(): void {}
}
