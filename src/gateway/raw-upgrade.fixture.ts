import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestPipeline, tokenFor } from './test-pipeline.fixture.ts';

/** A connection to the gateway on which a test says every byte itself. */
export async function dial(pipeline: TestPipeline): Promise<Socket> {
  const socket = connect(Number(new URL(pipeline.url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

export function protocols(offered: string): Record<string, string> {
  return { 'Sec-WebSocket-Protocol': offered };
}

export function withToken(token: string): Record<string, string> {
  return protocols(`agent.v1, jwt.${token}`);
}

/** Both subprotocols, with a good token of this user. */
export function good(user = 'alice', claims: Record<string, unknown> = {}): Record<string, string> {
  return withToken(tokenFor(user, claims));
}

export function upgradeRequest(
  pipeline: TestPipeline,
  headers: Record<string, string>,
  path = '/ws',
): Buffer {
  const lines = Object.entries({
    Host: new URL(pipeline.url).host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': createHash('md5').update('key').digest('base64'),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

/** A frame as a client sends it, masked with zeros; a text frame that is whole unless `first` says otherwise. */
export function frame(text: string, first = 0x81): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? [first, 0x80 | payload.length]
      : payload.length < 65_536
        ? [first, 0x80 | 126, payload.length >> 8, payload.length & 0xff]
        : [first, 0x80 | 127, 0, 0, 0, 0, ...numberBytes(payload.length)];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

function numberBytes(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** All that came as text, once it is enough or the connection has ended. */
export function readUntil(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (enough(text)) resolve(text);
    });
    socket.on('close', () => resolve(text));
  });
}

/** The raw answer to an upgrade request: all of a refusal, the head of a 101. */
export async function handshake(pipeline: TestPipeline, headers: Record<string, string>): Promise<string> {
  const socket = await dial(pipeline);
  socket.write(upgradeRequest(pipeline, headers));
  const answer = await readUntil(
    socket,
    (text) => text.startsWith('HTTP/1.1 101') && text.includes('connection_established'),
  );
  socket.destroy();
  return answer;
}

/** How a connection went: the status and code of a refusal, or the code and reason of a close frame. */
export async function wayOutOf(
  pipeline: TestPipeline,
  bytes: readonly (Buffer | ((socket: Socket) => Promise<unknown>))[],
): Promise<[number, string]> {
  const socket = await dial(pipeline);
  const ended = readUntil(socket, (text) => closeFrameIn(framesIn(text)) !== null);
  for (const piece of bytes) {
    if (Buffer.isBuffer(piece)) socket.write(piece);
    else await piece(socket);
  }
  const text = await ended;
  socket.destroy();
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  if (status !== '101') return [Number(status), /X-Faultline-Code: (\w+)/.exec(text)?.[1] ?? ''];
  return closeFrameIn(framesIn(text)) ?? [1006, ''];
}

/** What follows the 101. */
function framesIn(text: string): Buffer {
  const head = text.startsWith('HTTP/1.1 101') ? text.indexOf('\r\n\r\n') : -1;
  return Buffer.from(head < 0 ? '' : text.slice(head + 4), 'latin1');
}

function closeFrameIn(bytes: Buffer): [number, string] | null {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short;
    const payload = bytes.subarray(at + head, at + head + length);
    const isWhole = at + head + length <= bytes.length;
    if (isWhole && ((bytes[at] ?? 0) & 0x0f) === 8)
      return [payload.readUInt16BE(0), payload.subarray(2).toString()];
    at += head + length;
  }
  return null;
}
