import { type RawData, WebSocket } from 'ws';
import { type Address, type Link, parsed, type Refusal, type Transport } from './transport.ts';

/** Connections of the `ws` library: unlike a browser it tells why an upgrade was refused. */
export function wsTransport(dial: (address: Address) => WebSocket = dialled): Transport {
  return {
    open(address, listener): Link {
      const socket = dial(address);
      let refusal: Refusal | undefined;
      let wasOpen = false;
      socket.on('open', () => {
        wasOpen = true;
        listener.opened();
      });
      socket.on('unexpected-response', (_request, response) => {
        const code = response.headers['x-faultline-code'];
        refusal = { status: response.statusCode ?? 0, ...(typeof code === 'string' ? { code } : {}) };
        socket.terminate();
      });
      // `close` follows; without this listener the error would end the process.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        refusal ??= { status: 0, ...(error.code === undefined ? {} : { code: error.code }) };
      });
      socket.on('message', (data, isBinary) => {
        const text = isBinary ? '' : textOf(data);
        listener.received(parsed(text), text);
      });
      socket.on('close', (code, reason) => {
        listener.closed({
          code,
          reason: reason.toString(),
          ...(wasOpen || refusal === undefined ? {} : { refusal }),
        });
      });
      return {
        send: (message) => {
          // A connection that breaks meanwhile says so by `close`.
          if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message), ignored);
        },
        close: (code, reason) => socket.close(code, reason),
        abandon: () => socket.terminate(),
      };
    },
  };
}

function dialled({ url, protocols }: Address): WebSocket {
  return new WebSocket(url, [...protocols], { perMessageDeflate: false });
}

function ignored(): void {}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
}
