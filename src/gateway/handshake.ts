/** Where a connection is in its life. */
export type HandshakeState = 'connecting' | 'authenticated' | 'ready' | 'closing' | 'closed';

/**
 * The order of a connection's life, and what becomes of a message at each point of it: nothing is processed
 * before the connection is ready, and nothing that came early is dropped without a word.
 */
export class Handshake<M> {
  readonly #atMost: number;
  readonly #early: M[] = [];
  #state: HandshakeState = 'connecting';

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  get state(): HandshakeState {
    return this.#state;
  }

  /** Moves on; throws where the order does not allow it. */
  enter(next: HandshakeState): void {
    if (!allowed[this.#state].includes(next))
      throw new Error(`A ${this.#state} connection cannot be ${next}.`);
    this.#state = next;
    if (next === 'closing' || next === 'closed') this.#early.length = 0;
  }

  /**
   * `process`: it is its turn. `kept`: it came early. `too-many`: it came early and there is no room left:
   * the connection has to be closed. `ignored`: the connection is closing.
   */
  receive(message: M): 'process' | 'kept' | 'too-many' | 'ignored' {
    if (this.#state === 'ready') return 'process';
    if (this.#state === 'closing' || this.#state === 'closed') return 'ignored';
    if (this.#early.length >= this.#atMost) return 'too-many';
    this.#early.push(message);
    return 'kept';
  }

  /** The messages that came early, in order; they are handed out once. */
  takeEarly(): M[] {
    return this.#early.splice(0);
  }
}

const allowed: Readonly<Record<HandshakeState, readonly HandshakeState[]>> = {
  connecting: ['authenticated', 'closing', 'closed'],
  authenticated: ['ready', 'closing', 'closed'],
  ready: ['closing', 'closed'],
  closing: ['closed'],
  closed: [],
};
