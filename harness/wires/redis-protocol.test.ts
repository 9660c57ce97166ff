import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolConnection, Unit } from './gate-contract.ts';
import { createRedisProtocol } from './redis-protocol.ts';

const protocol = createRedisProtocol({ keyPrefix: 'fl:' });
const events = 'fl:u:alice:r:run-1:events';

describe('requests', () => {
  it.each([
    [['SET', 'fl:u:alice:r:run-1:state', '{}', 'EX', '60'], 'redis>alice/run-1/set.state'],
    [['XADD', events, '*', 'n', '1', 'e', '{}'], 'redis>alice/run-1/xadd.events'],
    [['GET', 'fl:u:alice:cache:triage:abc'], 'redis>alice/-/get.cache.triage'],
    [['XREAD', 'BLOCK', '100', 'STREAMS', events, '$'], 'redis>alice/run-1/xread.events'],
    [['EVAL', 'return 1', '1', 'fl:u:bob:r:run-2:delivery'], 'redis>bob/run-2/eval.delivery'],
    [['SET', 'other:u:alice:r:run-1:state', '1'], 'redis>-/-/set'],
    [['INFO'], 'redis>-/-/info'],
  ])('%j is %s', (args, name) => {
    const [unit] = protocol.open().request(command(args));
    expect(nameOfUnit(unit)).toBe(name);
    expect(unit?.parsed).toEqual(args);
  });

  it('is text where it is UTF-8, and carries its arguments as bytes', () => {
    const [unit] = protocol.open().request(command(['GET', 'fl:u:Jørn:r:run-1:state']));
    expect(nameOfUnit(unit)).toBe('redis>Jørn/run-1/get.state');
    expect(unit?.parsed).toEqual(['GET', 'fl:u:J\xc3\xb8rn:r:run-1:state']);
  });

  it('may be inline', () => {
    const units = protocol.open().request(Buffer.from('PING\r\n\r\nget  fl:u:alice:r:run-1:state\n'));
    expect(units.map(nameOfUnit)).toEqual(['redis>-/-/ping', null, 'redis>alice/run-1/get.state']);
  });

  it('that are no RESP pass without a name, and so does all that follows', () => {
    const connection = protocol.open();
    const bytes = Buffer.concat([command(['PING']), Buffer.from('*1\r\n:5\r\n')]);
    expect(connection.request(bytes).map(nameOfUnit)).toEqual(['redis>-/-/ping', null]);
    expect(connection.request(command(['PING'])).map(nameOfUnit)).toEqual([null]);
    expect(connection.reply(Buffer.from('+PONG\r\n')).map(nameOfUnit)).toEqual([null]);
  });
});

describe('replies', () => {
  it('are named after their requests, in order', () => {
    const connection = protocol.open();
    connection.request(
      Buffer.concat([command(['INFO']), command(['HGETALL', 'fl:u:alice:r:run-1:delivery'])]),
    );
    const replies = connection.reply(Buffer.from('$2\r\nok\r\n*2\r\n$1\r\na\r\n*1\r\n$-1\r\n'));
    expect(replies.map(nameOfUnit)).toEqual(['redis<-/-/info', 'redis<alice/run-1/hgetall.delivery']);
    expect(replies.map(({ bytes }) => String(bytes))).toEqual([
      '$2\r\nok\r\n',
      '*2\r\n$1\r\na\r\n*1\r\n$-1\r\n',
    ]);
  });

  it('of a transaction are named like all others', () => {
    const connection = protocol.open();
    for (const args of [['MULTI'], ['SET', 'fl:u:alice:r:run-1:state', '1'], ['EXEC']]) {
      connection.request(command(args));
    }
    expect(connection.reply(Buffer.from('+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n')).map(nameOfUnit)).toEqual([
      'redis<-/-/multi',
      'redis<alice/run-1/set.state',
      'redis<-/-/exec',
    ]);
  });

  it('to a subscription come one for each channel, and messages between them', () => {
    const connection = protocol.open();
    connection.request(Buffer.concat([command(['SUBSCRIBE', 'a', 'b']), command(['UNSUBSCRIBE'])]));
    const subscribed = (channel: string, word = 'subscribe') =>
      `*3\r\n$${word.length}\r\n${word}\r\n$1\r\n${channel}\r\n:1\r\n`;
    const message = '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n';
    connection.request(command(['SUBSCRIBE', 'c']));
    const text = [
      subscribed('a'),
      subscribed('b'),
      message,
      subscribed('a', 'unsubscribe'),
      subscribed('b', 'unsubscribe'),
      subscribed('c'),
    ];
    expect(connection.reply(Buffer.from(text.join(''))).map(nameOfUnit)).toEqual([
      'redis<-/-/subscribe',
      'redis<-/-/subscribe',
      'redis<-/-/message',
      'redis<-/-/unsubscribe',
      'redis<-/-/unsubscribe',
      'redis<-/-/subscribe',
    ]);
  });

  it('that nobody asked for have no name', () => {
    expect(protocol.open().reply(Buffer.from('+OK\r\n')).map(nameOfUnit)).toEqual([null]);
  });
});

describe('a failed request', () => {
  it('is answered at once where nothing is outstanding', () => {
    const connection = protocol.open();
    const [unit] = connection.request(command(['GET', 'fl:u:alice:r:run-1:state']));
    const due = connection.fail(unit as Unit, 'LOADING Redis is loading');
    expect(due?.map(nameOfUnit)).toEqual(['redis<alice/run-1/get.state']);
    expect(String(due?.[0]?.bytes)).toBe('-LOADING Redis is loading\r\n');
  });

  it('is answered in its place among the outstanding replies', () => {
    const connection = protocol.open();
    const units = connection.request(Buffer.concat(['a', 'b', 'c'].map((key) => command(['GET', key]))));
    expect(connection.fail(units[1] as Unit, 'broken\r\nline')).toEqual([]);
    expect(connection.reply(Buffer.from('+a\r\n+c\r\n')).map(({ bytes }) => String(bytes))).toEqual([
      '+a\r\n',
      '-ERR broken line\r\n',
      '+c\r\n',
    ]);
  });
});

it('a repeated request has one reply', () => {
  const connection = protocol.open();
  const units = connection.request(Buffer.concat([command(['INCR', 'a']), command(['GET', 'b'])]));
  connection.repeat(units[0] as Unit);
  expect(connection.reply(Buffer.from(':1\r\n:2\r\n+b\r\n')).map(({ bytes }) => String(bytes))).toEqual([
    ':1\r\n',
    '+b\r\n',
  ]);
});

describe('however the bytes are split', () => {
  const binary = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const requests = fc.array(
    fc.oneof(
      fc.array(binary, { minLength: 1, maxLength: 5 }).map(command),
      fc.constantFrom(command(['SET', 'fl:u:alice:r:run-1:state', 'é']), Buffer.from('PING x\r\n')),
    ),
    { maxLength: 8 },
  );
  const scalar = fc.oneof(
    binary.map(bulk),
    fc
      .constantFrom('$-1\r\n', '*-1\r\n', '+OK\r\n', '-ERR no\r\n', ':-7\r\n', '*0\r\n', '_\r\n', '#t\r\n')
      .map(Buffer.from),
  );
  const array = (of: fc.Arbitrary<Buffer>) =>
    fc
      .array(of, { maxLength: 4 })
      .map((parts) => Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...parts]));
  const replies = fc.array(fc.oneof(scalar, array(scalar), array(array(scalar))), { maxLength: 8 });
  const cuts = fc.array(fc.nat(), { maxLength: 30 });

  it('requests are the same units, and all their bytes', () => {
    fc.assert(
      fc.property(requests, cuts, (parts, at) => {
        const units = fed(pieces(Buffer.concat(parts), at), (connection, piece) => connection.request(piece));
        expect(units.map(({ bytes }) => bytes.toString('latin1'))).toEqual(
          parts.map((part) => part.toString('latin1')),
        );
        const whole = fed([Buffer.concat(parts)], (connection, piece) => connection.request(piece));
        expect(units.map(nameOfUnit)).toEqual(whole.map(nameOfUnit));
      }),
    );
  });

  it('replies are the same units, and all their bytes', () => {
    fc.assert(
      fc.property(replies, cuts, (parts, at) => {
        const units = fed(pieces(Buffer.concat(parts), at), (connection, piece) => connection.reply(piece));
        expect(units.map(({ bytes }) => bytes.toString('latin1'))).toEqual(
          parts.map((part) => part.toString('latin1')),
        );
      }),
    );
  });

  it('bytes of any kind come out as they went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, fc.boolean(), (bytes, at, asRequest) => {
        const connection = protocol.open();
        const units = pieces(Buffer.from(bytes), at).flatMap((piece) =>
          asRequest ? connection.request(piece) : connection.reply(piece),
        );
        units.push(...connection.rest(asRequest ? 'request' : 'reply'));
        expect(Buffer.concat(units.map((unit) => unit.bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

function command(args: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...args.map((arg) => bulk(Buffer.from(arg)))]);
}

function bulk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
}

function fed(
  parts: readonly Buffer[],
  feed: (connection: ProtocolConnection, piece: Buffer) => Unit[],
): Unit[] {
  const connection = protocol.open();
  return parts.flatMap((piece) => feed(connection, piece));
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

function nameOfUnit(unit: Unit | undefined): string | null {
  const draft = unit?.draft;
  if (draft === null || draft === undefined) return null;
  return `redis${draft.direction === 'request' ? '>' : '<'}${draft.user ?? '-'}/${draft.run ?? '-'}/${draft.kind}`;
}
