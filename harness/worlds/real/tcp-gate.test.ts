import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Case } from '../../case.ts';
import { Director } from '../../director.ts';
import { eventsOf, Recorder } from '../../history.ts';
import { createRedisProtocol } from '../../wires/redis-protocol.ts';
import { openTcpGate, type TcpGate } from './tcp-gate.ts';
import { wallClock } from './wall-clock.ts';

const keyPrefix = 'test:';
const set = (key: string, value: string): string =>
  `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
const stateKey = `${keyPrefix}u:alice:r:run-1:state`;

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

describe('a gate over TCP', () => {
  it('passes both ways, names what passes, and tells an orderly end', async () => {
    const { gate, recorder } = await gateTo(await answering('+OK\r\n'), []);
    const socket = await dial(gate.port);
    socket.write(set(stateKey, 'x'));
    expect(await textOf(socket, 5)).toBe('+OK\r\n');
    expect(eventsOf(recorder.history(), 'passed').map(({ message }) => message)).toEqual([
      'redis>alice/run-1/set.state#1',
      'redis<alice/run-1/set.state#1',
    ]);
    socket.end();
    expect(await ended(socket)).toBe('in order');
  });

  it('breaks a connection with a reset where a fault cuts it', async () => {
    const { gate, recorder } = await gateTo(await answering('+OK\r\n'), [
      { at: { wire: 'redis', kind: 'set.state' }, fate: { do: 'cut', when: 'before' } },
    ]);
    const socket = await dial(gate.port);
    socket.write(set(stateKey, 'x'));
    expect(await ended(socket)).toBe('broken');
    expect(eventsOf(recorder.history(), 'fault-fired')).toHaveLength(1);
    expect(eventsOf(recorder.history(), 'passed')).toHaveLength(0);
  });

  it('keeps its port while what is behind it goes and comes back elsewhere', async () => {
    let behind = await answering('+ONE\r\n');
    const { gate } = await gateTo(() => behind, []);
    const first = await dial(gate.port);
    first.write(set(stateKey, 'x'));
    expect(await textOf(first, 6)).toBe('+ONE\r\n');

    behind.close();
    behind.connections.forEach((socket) => {
      socket.resetAndDestroy();
    });
    expect(await ended(first)).toBe('broken');
    expect(await dial(gate.port).then(ended, () => 'broken')).toBe('broken');

    behind = await answering('+TWO\r\n');
    const second = await dial(gate.port);
    second.write(set(stateKey, 'x'));
    expect(await textOf(second, 6)).toBe('+TWO\r\n');
  });

  it('lets nobody through between plays, and leaves nothing when it is closed', async () => {
    const { gate } = await gateTo(await answering('+OK\r\n'), []);
    const socket = await dial(gate.port);
    gate.rest();
    expect(await ended(socket)).toBe('broken');
    // The reset may come before or after the connection stands.
    expect(await dial(gate.port).then(ended, () => 'broken')).toBe('broken');
    await gate.close();
    await expect(dial(gate.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('gives no more to a slow reader than it takes', async () => {
    const { gate } = await gateTo(await answering(`$${30_000_000}\r\n${'x'.repeat(30_000_000)}\r\n`), []);
    const socket = await dial(gate.port);
    socket.write(set(stateKey, 'x'));
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    while (received < 30_000_013) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(received).toBe(30_000_013);
  });
});

interface Upstream {
  readonly port: number;
  readonly connections: Set<Socket>;
  close(): void;
}

/** A server that answers every chunk with these bytes. */
async function answering(reply: string): Promise<Upstream> {
  const connections = new Set<Socket>();
  const server: Server = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const upstream = {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    connections,
    close: () => server.close(),
  };
  opened.push({
    close: () => {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  });
  return upstream;
}

async function gateTo(
  upstream: Upstream | (() => Upstream),
  faults: Case['faults'],
): Promise<{ gate: TcpGate; recorder: Recorder }> {
  const clock = wallClock();
  const recorder = new Recorder(() => clock.now());
  const playing: Case = {
    schema: 'faultline.case/1',
    scenario: 'test',
    seed: 1,
    users: [],
    model: [],
    faults,
    contaminations: [],
    schedule: [],
  };
  const director = new Director({ playing, recorder, clock });
  const gate = await openTcpGate(() => dial((typeof upstream === 'function' ? upstream() : upstream).port));
  opened.push(gate);
  gate.begin({ protocol: createRedisProtocol({ keyPrefix }), director, clock });
  return { gate, recorder };
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function textOf(socket: Socket, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const chunk = socket.read();
    if (chunk === null) await new Promise((resolve) => socket.once('readable', resolve));
    else text += chunk;
  }
  return text;
}

function ended(socket: Socket): Promise<'in order' | 'broken'> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve('broken');
    socket.once('close', (broken) => resolve(broken ? 'broken' : 'in order'));
    socket.resume();
  });
}
