import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createGate } from '../../wires/gate.ts';
import type { GateConnection, GateEnd, GateOptions } from '../../wires/gate-contract.ts';

/**
 * A gate on a loopback port that stays the same for a whole run, while what is behind it may come, go and
 * change its address. Connections pass only during a play.
 */
export interface TcpGate {
  readonly port: number;
  /** Connections from now on are messages of this play. */
  begin(options: GateOptions): void;
  /** Breaks every connection and refuses new ones until the next `begin`. */
  rest(): void;
  close(): Promise<void>;
}

/** Opens the gate. `dial` connects to what is behind it; where that fails, the client's connection breaks. */
export async function openTcpGate(dial: () => Promise<Socket>): Promise<TcpGate> {
  const open = new Set<Socket>();
  let playing: GateOptions | null = null;

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => {});
    if (playing === null) {
      breakOff(client);
      return;
    }
    const options = playing;
    keep(open, client);
    dial().then(
      (upstream) => {
        upstream.on('error', () => {});
        upstream.allowHalfOpen = true;
        keep(open, upstream);
        if (client.destroyed || options !== playing) {
          breakOff(client);
          breakOff(upstream);
        } else join(options, client, upstream);
      },
      () => breakOff(client),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  const rest = (): void => {
    playing = null;
    for (const socket of open) breakOff(socket);
  };
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    begin: (options) => {
      rest();
      playing = options;
    },
    rest,
    close: () => {
      rest();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function keep(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
}

function join(options: GateOptions, client: Socket, upstream: Socket): void {
  const gate: GateConnection = createGate(options, endOf(client, upstream), endOf(upstream, client));
  listen(client, {
    bytes: (bytes) => gate.fromClient(bytes),
    ended: () => gate.clientEnded(),
    reset: () => gate.clientReset(),
  });
  listen(upstream, {
    bytes: (bytes) => gate.fromServer(bytes),
    ended: () => gate.serverEnded(),
    reset: () => gate.serverReset(),
  });
}

function endOf(socket: Socket, source: Socket): GateEnd {
  return {
    write: (bytes) => {
      if (!socket.writable || socket.write(bytes)) return;
      // Who reads slowly slows down who sends, as without the gate.
      source.pause();
      socket.once('drain', () => source.resume());
    },
    end: () => socket.end(),
    reset: () => breakOff(socket),
  };
}

/** Tells each thing that happens to a socket once: an orderly end, or a break. */
function listen(
  socket: Socket,
  told: { bytes: (bytes: Buffer) => void; ended: () => void; reset: () => void },
): void {
  let ended = false;
  socket.on('data', told.bytes);
  socket.once('end', () => {
    ended = true;
    told.ended();
  });
  socket.once('close', (broken: boolean) => {
    if (broken || !ended) told.reset();
  });
  socket.resume();
}

/** With a reset where the kind of socket can send one. */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
