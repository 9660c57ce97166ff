import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seriesOf } from '../message.ts';
import { createClientProtocol } from './client-protocol.ts';
import type { Unit } from './gate-contract.ts';

const protocol = createClientProtocol();
const token = `h.${Buffer.from('{"sub":"alice"}').toString('base64url')}.s`;
const upgrade = Buffer.from(
  `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: agent.v1, jwt.${token}\r\n\r\n`,
);
const accepted = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');
const mask = Buffer.from([1, 2, 3, 250]);

describe('the upgrade', () => {
  it('is named after the subject of the token', () => {
    const connection = protocol.open();
    expect(connection.request(upgrade).map(nameOfUnit)).toEqual(['client>alice/-/upgrade']);
    expect(connection.reply(accepted).map(nameOfUnit)).toEqual(['client<alice/-/upgrade']);
  });

  it('may carry the token in the Authorization header', () => {
    const head = `GET /ws HTTP/1.1\r\nUpgrade: WebSocket\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    expect(protocol.open().request(Buffer.from(head)).map(nameOfUnit)).toEqual(['client>alice/-/upgrade']);
  });

  it.each(['', 'Sec-WebSocket-Protocol: jwt.nonsense\r\n', 'Authorization: Bearer a.e30.b\r\n'])(
    'has no user with %j',
    (line) => {
      const head = `GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n${line}\r\n`;
      expect(protocol.open().request(Buffer.from(head)).map(nameOfUnit)).toEqual(['client>-/-/upgrade']);
    },
  );

  it('that is refused is one message with its body', () => {
    const connection = protocol.open();
    const [request] = connection.request(upgrade);
    const refusal = Buffer.from('HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\n{"a"');
    const units = [refusal.subarray(0, 60), refusal.subarray(60)].flatMap((piece) => connection.reply(piece));
    expect(units.map(nameOfUnit)).toEqual(['client<alice/-/upgrade']);
    expect(units[0]?.answers).toBe(request);
    expect(units[0]?.bytes).toEqual(refusal);
  });

  it('is failed with an HTTP status; a frame cannot be', () => {
    const connection = open();
    const [frame] = connection.request(masked('{"type":"ping"}'));
    expect(connection.fail(frame as Unit, '503')).toBeNull();
    const fresh = protocol.open();
    const [request] = fresh.request(upgrade);
    const refusal = fresh.fail(request as Unit, '429');
    expect(refusal?.map(nameOfUnit)).toEqual(['client<alice/-/upgrade']);
    expect(String(refusal?.[0]?.bytes)).toMatch(/^HTTP\/1\.1 429 /);
    expect(refusal?.[0]?.last).toBe(true);
  });
});

describe('frames', () => {
  it.each([
    ['{"type":"start_agent","run_id":"run-1","thread_id":"t"}', 'client>alice/run-1/start_agent'],
    ['{"run_id":"run-1","type":"resume"}', 'client>alice/run-1/resume'],
    ['{"type":"ping"}', 'client>alice/-/ping'],
    ['{"type":"error","code":"X","run_id":"run-2"}', 'client>alice/run-2/error'],
    ['{"type":"resume","run_id":"no:id"}', 'client>alice/-/resume'],
    ['{"type":7}', 'client>alice/-/text'],
    ['[]', 'client>alice/-/text'],
    ['hello', 'client>alice/-/text'],
    ['', 'client>alice/-/text'],
  ])('%s is %s', (text, name) => {
    expect(open().request(masked(text)).map(nameOfUnit)).toEqual([name]);
    expect(open().reply(frame(1, text)).map(nameOfUnit)).toEqual([name.replace('>', '<')]);
  });

  it('that control or hold binary data are named by what they are', () => {
    const bytes = Buffer.concat([frame(9, ''), frame(10, 'x'), frame(2, 'b'), frame(8, '\x03\xe8')]);
    expect(open().reply(bytes).map(nameOfUnit)).toEqual([
      'client<alice/-/ping',
      'client<alice/-/pong',
      'client<alice/-/binary',
      'client<alice/-/close',
    ]);
  });

  it('of a fragmented message are one message, with the control frames between them', () => {
    const parts = [
      frame(1, '{"type":"pi', false),
      frame(9, ''),
      frame(0, 'ng","run_id":', false),
      frame(0, '"r1"}'),
    ];
    const units = open().reply(Buffer.concat(parts));
    expect(units.map(nameOfUnit)).toEqual(['client<alice/r1/ping']);
    expect(units[0]?.bytes).toEqual(Buffer.concat(parts));
  });

  it('are not held back for ever: a very long fragmented message passes without a name', () => {
    const connection = open();
    const part = 'x'.repeat(400 * 1024);
    const parts = [frame(1, part, false), frame(0, part, false), frame(0, part, false), frame(0, part)];
    const units = parts.flatMap((piece) => connection.reply(piece));
    expect(units.map(nameOfUnit)).toEqual([null, null, null, null]);
    expect(connection.reply(frame(1, '{"type":"pong"}')).map(nameOfUnit)).toEqual(['client<alice/-/pong']);
  });

  it('larger than 16 MiB pass as they come', () => {
    const connection = open();
    const huge = frame(1, 'x'.repeat(17 * 1024 * 1024));
    const first = connection.reply(huge.subarray(0, 1000));
    expect(first.map(({ bytes, draft }) => [bytes.length, draft])).toEqual([[1000, null]]);
    connection.reply(huge.subarray(1000));
    expect(connection.reply(frame(1, '{"type":"pong"}')).map(nameOfUnit)).toEqual(['client<alice/-/pong']);
  });

  it.each([masked('{"type":"ping"}'), masked(''), frame(1, '{"type":"ping"}')])('can be garbled', (bytes) => {
    const connection = open();
    const [unit] = connection.request(bytes);
    const damaged = connection.garbled(unit as Unit);
    expect(damaged.length).toBe(bytes.length);
    expect(damaged).not.toEqual(bytes);
  });

  it('that are garbled are no JSON any more, though still frames', () => {
    const connection = open();
    const [unit] = connection.reply(frame(1, '{"type":"pong"}'));
    const other = open();
    const [again] = other.reply(connection.garbled(unit as Unit));
    expect(String(again?.bytes.subarray(2))).toBe('{"type":"pong"#');
  });
});

describe('what is no WebSocket', () => {
  it('passes in both directions without a name', () => {
    const connection = protocol.open();
    expect(connection.request(Buffer.from('GET /ready HTTP/1.1\r\nHost: x\r\n\r\n')).map(nameOfUnit)).toEqual(
      [null],
    );
    expect(connection.reply(Buffer.from('HTTP/1.1 200 OK\r\n\r\n{}')).map(nameOfUnit)).toEqual([null]);
    expect(connection.request(upgrade).map(nameOfUnit)).toEqual([null]);
  });

  it('passes where its head has no end', () => {
    const connection = protocol.open();
    const endless = Buffer.alloc(70 * 1024, 'a');
    expect(connection.request(endless)).toEqual([{ bytes: endless, draft: null }]);
  });
});

describe('however the bytes are split', () => {
  const payload = fc.oneof(
    fc.constantFrom(
      '{"type":"ping"}',
      '{"type":"resume","run_id":"run-1","after":3}',
      '{"run_id":"r","type":"é"}',
    ),
    fc.string({ maxLength: 300 }),
  );
  const frames = fc.array(
    fc
      .tuple(fc.constantFrom(0, 1, 2, 8, 9, 10), payload, fc.boolean(), fc.boolean())
      .map(([opcode, text, final, isMasked]) => frame(opcode, text, final, isMasked)),
    { maxLength: 8 },
  );
  const cuts = fc.array(fc.nat(), { maxLength: 30 });

  it('units are the same, and all the bytes', () => {
    fc.assert(
      fc.property(frames, cuts, (parts, at) => {
        const bytes = Buffer.concat([upgrade, ...parts]);
        const split = fed(pieces(bytes, at), 'request');
        const whole = fed([bytes], 'request');
        expect(split.map(shown)).toEqual(whole.map(shown));
        expect(Buffer.concat(split.map((unit) => unit.bytes))).toEqual(bytes);
      }),
    );
  });

  it('bytes of any kind come out as they went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, fc.boolean(), (noise, at, opened) => {
        const bytes = Buffer.concat([opened ? upgrade : Buffer.alloc(0), Buffer.from(noise)]);
        const units = fed(pieces(bytes, at), 'request');
        expect(Buffer.concat(units.map((unit) => unit.bytes))).toEqual(bytes);
      }),
    );
  });
});

function open() {
  const connection = protocol.open();
  connection.request(upgrade);
  connection.reply(accepted);
  return connection;
}

function frame(opcode: number, text: string, final = true, isMasked = false): Buffer {
  const payload = Buffer.from(text, opcode === 8 ? 'latin1' : 'utf8');
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0, length])
      : length < 65_536
        ? Buffer.from([0, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0, 127]), bigEndian(length)]);
  head[0] = (final ? 0x80 : 0) | opcode;
  if (!isMasked) return Buffer.concat([head, payload]);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0))]);
}

function masked(text: string): Buffer {
  return frame(1, text, true, true);
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function fed(parts: readonly Buffer[], direction: 'request' | 'reply'): Unit[] {
  const connection = protocol.open();
  return [...parts.flatMap((piece) => connection[direction](piece)), ...connection.rest(direction)];
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

function shown(unit: Unit): unknown[] {
  return [nameOfUnit(unit), unit.bytes.toString('latin1')];
}

function nameOfUnit(unit: Unit | undefined): string | null {
  return unit === undefined || unit.draft === null ? null : seriesOf(unit.draft);
}
