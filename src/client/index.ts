import { clientPlatform } from '../adapters/client-platform.ts';
import { type Client, type ClientOptions, connectOn } from './client.ts';
import type { Transport } from './transport.ts';
import { type WebSocketConstructor, webSocketTransport } from './web-socket-transport.ts';

export type { Ask, Client, ClientOptions } from './client.ts';
export { ClientError, type ClientErrorCode } from './client-error.ts';
export type { AnyRunEvent, EventsLost, Run } from './run.ts';
export type { Address, Closing, Link, Listener, Refusal, Transport } from './transport.ts';
export { type WebSocketConstructor, type WebSocketLike, webSocketTransport } from './web-socket-transport.ts';

export interface ConnectOptions extends ClientOptions {
  /** Absent: the platform's own, and on Node that of the package `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /** What carries the messages, where that is no WebSocket; `WebSocket` then counts for nothing. */
  readonly transport?: Transport;
}

/**
 * Connects to a server of the protocol `agent.v1`, and resolves when it is ready. Rejects with a ClientError
 * where trying again cannot help or has not helped, and with the reason of an aborted signal.
 */
export function connect(options: ConnectOptions): Promise<Client> {
  const transport = options.transport ?? webSocketTransport(options.WebSocket ?? platformWebSocket());
  return connectOn({ ...clientPlatform, transport }, options);
}

function platformWebSocket(): WebSocketConstructor {
  const { WebSocket } = globalThis as { readonly WebSocket?: WebSocketConstructor };
  if (WebSocket === undefined) throw new TypeError('This platform has no WebSocket: pass one.');
  return WebSocket;
}
