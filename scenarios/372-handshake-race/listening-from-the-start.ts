import type { Handshake } from '../../src/gateway/handshake.ts';

/** The same life of a connection, in which every message is taken at once, as long as there is a connection. */
export function listeningFromTheStart<M>(inner: Handshake<M>): Handshake<M> {
  return {
    get state() {
      return inner.state;
    },
    enter: (event) => inner.enter(event),
    refuse: (code) => inner.refuse(code),
    receive: () => (inner.state === 'closing' || inner.state === 'closed' ? 'ignored' : 'process'),
    takeEarly: () => [],
  };
}
