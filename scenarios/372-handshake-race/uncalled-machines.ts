import type { Handshake } from '../../src/gateway/handshake.ts';

type CoordinatorState = 'initializing' | 'handshake_pending' | 'connected' | 'ready_for_messages';
type ConnectionState = 'connecting' | 'accepted' | 'authenticated' | 'services_ready' | 'processing_ready';

/** The first of the two: ready when its waits are over. */
class HandshakeCoordinator {
  state: CoordinatorState = 'initializing';

  isReady(): boolean {
    return this.state === 'ready_for_messages';
  }
}

/** The second: operational once its connection went through all of it. */
class ConnectionStateMachine {
  state: ConnectionState = 'connecting';

  isOperational(): boolean {
    return this.state === 'processing_ready';
  }
}

/** Where both would be looked up, if anybody had ever put one there. */
export function uncalledMachines(): { beside<M>(inner: Handshake<M>): Handshake<M> } {
  const coordinators = new Map<object, HandshakeCoordinator>();
  const machines = new Map<object, ConnectionStateMachine>();
  const mayProcess = (connection: object): boolean =>
    (coordinators.get(connection)?.isReady() ?? true) && (machines.get(connection)?.isOperational() ?? true);
  return {
    beside: (inner) => ({
      get state() {
        return inner.state;
      },
      enter: (event) => inner.enter(event),
      refuse: (code) => inner.refuse(code),
      receive(message, bytes) {
        if (inner.state === 'closing' || inner.state === 'closed') return 'ignored';
        return mayProcess(inner) ? 'process' : inner.receive(message, bytes);
      },
      takeEarly: () => inner.takeEarly(),
    }),
  };
}
