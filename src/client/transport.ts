import type { ClientMessage } from '../messages.ts';

/** Carries messages to a server and back: JSON over a WebSocket, unless the caller has something else. */
export interface Transport {
  /**
   * Begins to connect. The listener hears what becomes of it, never before this has returned; throws where
   * the address is none.
   */
  open(address: Address, listener: Listener): Link;
}

export interface Address {
  readonly url: string;
  /** Subprotocols to offer, in order. */
  readonly protocols: readonly string[];
}

export interface Listener {
  opened(): void;
  /** `message` is undefined where `text` is not JSON; `text` is empty where the message was binary. */
  received(message: unknown, text: string): void;
  /** The last call of all, also where the connection never opened. */
  closed(closing: Closing): void;
}

/** How a connection ended. */
export interface Closing {
  /** The WebSocket close code; 1006 where there was no close frame. */
  readonly code: number;
  readonly reason: string;
  /** Why it never opened, where the platform tells (a browser does not). */
  readonly refusal?: Refusal;
}

export interface Refusal {
  /** The HTTP status in place of 101; 0 where there was no answer. */
  readonly status: number;
  /** The server's error code, or the system's. */
  readonly code?: string;
}

/** One connection. */
export interface Link {
  /** Does nothing where the connection is not open. */
  send(message: ClientMessage): void;
  /** Says goodbye; `closed` follows when the other side has answered. */
  close(code: number, reason: string): void;
  /** Drops the connection without a word, as far as the platform can. */
  abandon(): void;
}

/** JSON text as a message; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
