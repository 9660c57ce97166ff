import type { ErrorCode } from '../errors.ts';

/** Where a connection is in its life. Up to `accepted` it is an HTTP request, from then on a WebSocket. */
export type HandshakeState =
  | 'connecting'
  | 'accepted'
  | 'authenticated'
  | 'services_ready'
  | 'ready'
  | 'closing'
  | 'closed';

/** What moves it on. `refused`: the gateway lets it go, with a code. `gone`: there is no connection any more. */
export type HandshakeEvent =
  | 'front_passed'
  | 'token_passed'
  | 'services_passed'
  | 'welcomed'
  | 'refused'
  | 'gone';

/** `process`: it is its turn. `kept`: it came early. `too-many`: it came early and there is no room left. `ignored`: the connection is closing. */
export type Reception = 'process' | 'kept' | 'too-many' | 'ignored';

/** The order of one connection's life, and what becomes of a message at each point of it. */
export interface Handshake<M> {
  readonly state: HandshakeState;
  /** Moves on. Throws where the order does not allow it. */
  enter(event: Exclude<HandshakeEvent, 'refused'>): void;
  /** Lets the connection go: the code under which it goes, or null where it is going already. */
  refuse(code: ErrorCode): ErrorCode | null;
  receive(message: M, bytes: number): Reception;
  /** The messages that came early, in order; they are handed out once. */
  takeEarly(): M[];
}

/** State × event → next. What is not here does not happen. */
export const transitions: {
  readonly [state in HandshakeState]: { readonly [event in HandshakeEvent]?: HandshakeState };
} = {
  connecting: { front_passed: 'accepted', refused: 'closed', gone: 'closed' },
  accepted: { token_passed: 'authenticated', refused: 'closed', gone: 'closed' },
  authenticated: { services_passed: 'services_ready', refused: 'closing', gone: 'closed' },
  services_ready: { welcomed: 'ready', refused: 'closing', gone: 'closed' },
  ready: { refused: 'closing', gone: 'closed' },
  closing: { gone: 'closed' },
  closed: {},
};

/** State × code → when. A failure that is not here goes out as INTERNAL. */
export const waysOut: {
  readonly [state in HandshakeState]: { readonly [code in ErrorCode]?: string };
} = {
  connecting: {
    PATH_UNKNOWN: 'an upgrade at another path than /ws',
    UPGRADE_REQUIRED: 'no upgrade, or to another version than 13',
    SERVICE_NOT_READY: 'the process is going down',
    CONNECTION_LIMIT: 'too many connections in all',
    ORIGIN_REFUSED: 'an Origin that is not on the list: foreign, null, a look-alike, or none',
    SUBPROTOCOL_REFUSED: 'agent.v1 was not offered',
    INTERNAL: 'anything else failed',
  },
  accepted: {
    AUTH_TOKEN_MISSING: 'no token',
    AUTH_TOKEN_MALFORMED: 'a token that is no JWT',
    AUTH_TOKEN_EXPIRED: 'an expired token',
    AUTH_TOKEN_INVALID: 'another key, algorithm or audience, or a subject that is no id',
    AUTH_TOKEN_REVOKED: 'a revoked token',
    STORE_UNAVAILABLE: 'nobody can say whether the token was revoked',
    SERVICE_NOT_READY: 'authentication took too long, or the process is going down',
    CONNECTION_LIMIT: 'too many connections of this user',
    MESSAGE_MALFORMED: 'the headers of the upgrade are broken',
    INTERNAL: 'anything else failed',
  },
  authenticated: {
    SERVICE_NOT_READY: 'what runs need did not get ready in time, or the process is going down',
    EARLY_MESSAGES_LIMIT: 'more came early than is kept, in number or in bytes',
    AUTH_TOKEN_EXPIRED: 'the token expired meanwhile',
    MESSAGE_TOO_LARGE: 'a message over the limit',
    FRAME_INVALID: 'frames that break the protocol, or a message in too many pieces',
    INTERNAL: 'anything else failed',
  },
  services_ready: {
    INTERNAL: 'anything else failed',
  },
  ready: {
    AUTH_TOKEN_EXPIRED: 'the token has expired: seen at the next message or sign of life',
    AUTH_TOKEN_REVOKED: 'the token was revoked: seen when a run is started or resumed',
    RATE_LIMITED: 'many messages too fast, in spite of being told so',
    SLOW_READER: 'more waits unsent than is kept',
    MESSAGE_TOO_LARGE: 'a message over the limit',
    FRAME_INVALID: 'frames that break the protocol, or a message in too many pieces',
    SERVICE_NOT_READY: 'the process is going down',
    INTERNAL: 'anything else failed',
  },
  closing: {},
  closed: {},
};

/** How much of what comes early is kept. */
export interface EarlyBounds {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Nothing is processed before the connection is ready, and nothing that came early is dropped without a word:
 * it is kept, or the connection goes with a code that says why.
 */
export function createHandshake<M>(bounds: EarlyBounds): Handshake<M> {
  return new OrderedHandshake(bounds);
}

class OrderedHandshake<M> implements Handshake<M> {
  readonly #bounds: EarlyBounds;
  readonly #early: M[] = [];
  #earlyBytes = 0;
  #state: HandshakeState = 'connecting';

  constructor(bounds: EarlyBounds) {
    this.#bounds = bounds;
  }

  get state(): HandshakeState {
    return this.#state;
  }

  enter(event: HandshakeEvent): void {
    const next = transitions[this.#state][event];
    if (next === undefined) throw new Error(`${event} cannot happen to a connection that is ${this.#state}.`);
    this.#state = next;
    if (next === 'closing' || next === 'closed') this.#forget();
  }

  refuse(code: ErrorCode): ErrorCode | null {
    const from = this.#state;
    if (transitions[from].refused === undefined) return null;
    this.enter('refused');
    return waysOut[from][code] === undefined ? 'INTERNAL' : code;
  }

  receive(message: M, bytes: number): Reception {
    if (this.#state === 'ready') return 'process';
    if (this.#state === 'closing' || this.#state === 'closed') return 'ignored';
    const { messages, bytes: bytesMax } = this.#bounds;
    if (this.#early.length >= messages || this.#earlyBytes + bytes > bytesMax) return 'too-many';
    this.#early.push(message);
    this.#earlyBytes += bytes;
    return 'kept';
  }

  takeEarly(): M[] {
    const early = this.#early.slice();
    this.#forget();
    return early;
  }

  #forget(): void {
    this.#early.length = 0;
    this.#earlyBytes = 0;
  }
}
