import { type Link, parsed, type Transport } from './transport.ts';

/** What the client uses of the standard `WebSocket`; a browser's fits, and so do those of Node and of `ws`. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** The standard's number for an open connection. */
const isOpen = 1;

/** Connections of the platform's `WebSocket`. */
export function webSocketTransport(WebSocket: WebSocketConstructor): Transport {
  return {
    open({ url, protocols }, listener): Link {
      const socket = new WebSocket(url, [...protocols]);
      socket.onopen = () => listener.opened();
      socket.onmessage = ({ data }: { readonly data: unknown }) => {
        const text = typeof data === 'string' ? data : '';
        listener.received(parsed(text), text);
      };
      socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) =>
        listener.closed({ code, reason });
      // `close` follows, and a page is told no more than that says.
      socket.onerror = () => {};
      return {
        send: (message) => {
          if (socket.readyState === isOpen) socket.send(JSON.stringify(message));
        },
        close: (code, reason) => socket.close(code, reason),
        abandon: () => socket.close(),
      };
    },
  };
}
