import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and breaks the connections that there are. */
export interface LossGate {
  readonly port: number;
  /** Both sides are told. */
  cut(): void;
  /** Nothing of what either side sends arrives any more, and neither is told. */
  halfOpen(): void;
  /** As when a phone changes its network: the client's end is gone, and the server is not told. */
  oneSided(): void;
  close(): void;
}

export async function openLossGate(serverPort: number): Promise<LossGate> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const swallowed = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('data', (chunk) => {
        if (!swallowed.has(from)) to.write(chunk);
      });
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        if (!swallowed.has(from)) to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of [...pairs].flat()) if (!swallowed.has(socket)) socket.destroy();
  };
  const halfOpen = (): void => {
    for (const socket of [...pairs].flat()) swallowed.add(socket);
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    halfOpen,
    oneSided: () => {
      halfOpen();
      for (const [client] of [...pairs]) client.destroy();
    },
    close: () => {
      server.close();
      cut();
      for (const socket of swallowed) socket.destroy();
    },
  };
}
