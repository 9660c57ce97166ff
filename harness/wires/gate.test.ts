import { describe, expect, it } from 'vitest';
import type { Case } from '../case.ts';
import { eventsOf } from '../history.ts';
import { stagedPlay } from '../staged-play.fixture.ts';
import { createClientProtocol } from './client-protocol.ts';
import { createGate } from './gate.ts';
import type { GateConnection, GateEnd, GateOptions, WireProtocol } from './gate-contract.ts';
import { createRedisProtocol } from './redis-protocol.ts';
import { frameAt } from './websocket-frame.ts';

type Plan = Partial<Pick<Case, 'faults' | 'schedule'>>;

describe('a gate with nothing planned', () => {
  it('passes messages at once, both ways, and records them', () => {
    const { gate, client, server, history } = redis({});
    gate.fromClient(get('a'));
    expect(server.log).toEqual([text(get('a'))]);
    gate.fromServer(Buffer.from('+a\r\n'));
    expect(client.log).toEqual(['+a\r\n']);
    expect(
      eventsOf(history(), 'passed').map(({ message, bytes, parent }) => [message, bytes, parent]),
    ).toEqual([
      ['redis>alice/a/get.state#1', get('a').length, undefined],
      ['redis<alice/a/get.state#1', 4, 1],
    ]);
  });

  it('forwards a chunk of many messages as it is', () => {
    const { gate, server } = redis({});
    const chunk = Buffer.concat([get('a'), get('b'), get('c')]);
    gate.fromClient(chunk);
    expect(server.writes).toHaveLength(1);
    expect(server.writes[0]?.bytes.buffer).toBe(chunk.buffer);
    expect(server.log).toEqual([text(chunk)]);
  });

  it('hands on what a single message means', () => {
    const { gate, server } = redis({});
    gate.fromClient(get('a'));
    expect(server.writes[0]?.parsed).toEqual(['GET', key('a')]);
  });

  it('passes on ends and resets behind the messages', () => {
    const { gate, client, server, clock } = redis({}, { latency: () => 5 });
    gate.fromClient(get('a'));
    gate.fromServer(Buffer.from('+a\r\n'));
    gate.clientEnded();
    gate.serverEnded();
    expect(server.log).toEqual([]);
    clock.advance(5);
    expect(server.log).toEqual([text(get('a')), 'end']);
    expect(client.log).toEqual(['+a\r\n', 'end']);
    const broken = redis({}, { latency: () => 5 });
    broken.gate.fromClient(get('a'));
    broken.gate.fromServer(Buffer.from('+a\r\n'));
    broken.gate.clientReset();
    broken.clock.advance(5);
    expect(broken.server.log).toEqual([text(get('a')), 'reset']);
    expect(broken.client.log).toEqual([]);
  });

  it('passes on what was not whole when its direction ended', () => {
    const { gate, server } = redis({});
    gate.fromClient(Buffer.from('*1\r\n$4\r\nPI'));
    gate.clientEnded();
    expect(server.log).toEqual(['*1\r\n$4\r\nPI', 'end']);
  });

  it('keeps order when it is written to while it writes', () => {
    const { gate, server } = redis(
      { faults: [{ at: at('a'), fate: { do: 'fail', error: 'ERR no' } }] },
      {},
      (end) => {
        end.onWrite = () => {
          end.onWrite = () => {};
          gate.fromClient(get('c'));
        };
      },
    );
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    expect(server.log.join('')).toBe(text(get('b')) + text(get('c')));
  });
});

describe('latency', () => {
  it('is that of each message, and order is kept', () => {
    const { gate, server, clock } = redis({}, { latency: ({ run }) => (run === 'a' ? 10 : 1) });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    clock.advance(9);
    expect(server.log).toEqual([]);
    clock.advance(1);
    expect(server.log).toEqual([text(Buffer.concat([get('a'), get('b')]))]);
  });
});

describe('fates on the redis wire', () => {
  it('delay holds back what follows', () => {
    const { gate, server, clock, fired } = redis({
      faults: [{ at: at('a'), fate: { do: 'delay', ms: 20 } }],
    });
    gate.fromClient(get('a'));
    gate.fromClient(get('b'));
    expect(server.log).toEqual([]);
    clock.advance(20);
    expect(server.log.join('')).toBe(text(get('a')) + text(get('b')));
    expect(fired()).toEqual(['delay redis']);
  });

  it('hold waits for a message on another connection, and goes after it', () => {
    const plan: Plan = { faults: [{ at: at('a'), fate: { do: 'hold', until: at('b'), atMostMs: 100 } }] };
    const { gate, server, clock, second } = redis(plan);
    gate.fromClient(get('a'));
    const other = second();
    other.server.onWrite = () => expect(server.log).toEqual([]);
    other.gate.fromClient(get('b'));
    clock.advance(0);
    expect(other.server.log).toHaveLength(1);
    expect(server.log).toEqual([text(get('a'))]);
  });

  it('a schedule constraint holds as well', () => {
    const { gate, server, clock, second } = redis({
      schedule: [{ hold: at('a'), until: at('b'), atMostMs: 100 }],
    });
    gate.fromClient(get('a'));
    expect(server.log).toEqual([]);
    second().gate.fromClient(get('b'));
    clock.advance(0);
    expect(server.log).toEqual([text(get('a'))]);
  });

  it('drop silences the direction, and only that', () => {
    const { gate, client, server, fired } = redis({ faults: [{ at: at('b'), fate: { do: 'drop' } }] });
    gate.fromClient(Buffer.concat([get('a'), get('b'), get('c')]));
    gate.fromServer(Buffer.from('+a\r\n'));
    gate.clientEnded();
    expect(server.log).toEqual([text(get('a'))]);
    expect(client.log).toEqual(['+a\r\n']);
    expect(fired()).toEqual(['drop redis']);
  });

  it('a dropped reply silences the replies', () => {
    const { gate, client, server } = redis({ faults: [{ at: at('a', 'reply'), fate: { do: 'drop' } }] });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    gate.fromServer(Buffer.from('+a\r\n+b\r\n'));
    expect(server.log).toHaveLength(1);
    expect(client.log).toEqual([]);
  });

  it('duplicate sends the command twice and keeps one reply', () => {
    const { gate, client, server, fired, history } = redis({
      faults: [{ at: at('a'), fate: { do: 'duplicate' } }],
    });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    expect(server.log.join('')).toBe(text(get('a')) + text(get('a')) + text(get('b')));
    gate.fromServer(Buffer.from('+1\r\n+2\r\n+b\r\n'));
    expect(client.log.join('')).toBe('+1\r\n+b\r\n');
    expect(fired()).toEqual(['duplicate redis']);
    expect(eventsOf(history(), 'passed')).toHaveLength(5);
  });

  it('fail answers in place of the server, in order', () => {
    const { gate, client, server, fired } = redis({
      faults: [{ at: at('b'), fate: { do: 'fail', error: 'LOADING not yet' } }],
    });
    gate.fromClient(Buffer.concat([get('a'), get('b'), get('c')]));
    expect(server.log.join('')).toBe(text(get('a')) + text(get('c')));
    expect(client.log).toEqual([]);
    gate.fromServer(Buffer.from('+a\r\n'));
    gate.fromServer(Buffer.from('+c\r\n'));
    expect(client.log.join('')).toBe('+a\r\n-LOADING not yet\r\n+c\r\n');
    expect(fired()).toEqual(['fail redis']);
  });

  it('cut before breaks both ends and forwards nothing', () => {
    const { gate, client, server, fired } = redis({
      faults: [{ at: at('b'), fate: { do: 'cut', when: 'before' } }],
    });
    gate.fromClient(Buffer.concat([get('a'), get('b'), get('c')]));
    gate.fromServer(Buffer.from('+a\r\n'));
    expect(server.log).toEqual([text(get('a')), 'reset']);
    expect(client.log).toEqual(['reset']);
    expect(fired()).toEqual(['cut redis']);
  });

  it('cut after a request forwards it and loses its reply', () => {
    const { gate, client, server, fired } = redis({
      faults: [{ at: at('b'), fate: { do: 'cut', when: 'after' } }],
    });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    expect(fired()).toEqual([]);
    gate.fromServer(Buffer.from('+a\r\n+b\r\n'));
    expect(server.log).toEqual([text(Buffer.concat([get('a'), get('b')])), 'reset']);
    expect(client.log).toEqual(['+a\r\n', 'reset']);
    expect(fired()).toEqual(['cut redis']);
  });

  it('cut after a reply forwards it', () => {
    const { gate, client, server } = redis({
      faults: [{ at: at('a', 'reply'), fate: { do: 'cut', when: 'after' } }],
    });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    gate.fromServer(Buffer.from('+a\r\n+b\r\n'));
    expect(client.log).toEqual(['+a\r\n', 'end']);
    expect(server.log.at(-1)).toBe('reset');
  });
});

describe('fates of a whole connection', () => {
  it('half-open swallows both ways, the ends too, and tells neither side', () => {
    const fate = { do: 'half-open', swallows: 'both' } as const;
    const { gate, client, server, fired } = redis({ faults: [{ at: at('b'), fate }] });
    gate.fromClient(Buffer.concat([get('a'), get('b'), get('c')]));
    gate.fromServer(Buffer.from('+a\r\n'));
    gate.clientReset();
    gate.serverEnded();
    expect(server.log).toEqual([text(get('a'))]);
    expect(client.log).toEqual([]);
    expect(fired()).toEqual(['half-open redis']);
  });

  it('half-open one way lets the other pass', () => {
    const fate = { do: 'half-open', swallows: 'this' } as const;
    const { gate, client, server } = redis({ faults: [{ at: at('b'), fate }] });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    gate.fromServer(Buffer.from('+a\r\n'));
    gate.clientEnded();
    expect(server.log).toEqual([text(get('a'))]);
    expect(client.log).toEqual(['+a\r\n']);
  });

  it('stall holds both ways, then all comes in order, with its end in the history', () => {
    const { gate, client, server, clock, fired, history } = redis({
      faults: [{ at: at('b'), fate: { do: 'stall', ms: 50 } }],
    });
    gate.fromClient(get('a'));
    gate.fromClient(Buffer.concat([get('b'), get('c')]));
    gate.fromServer(Buffer.from('+a\r\n'));
    gate.serverEnded();
    clock.advance(49);
    expect(server.log).toEqual([text(get('a'))]);
    expect(client.log).toEqual([]);
    clock.advance(1);
    expect(server.log.join('')).toBe(text(Buffer.concat([get('a'), get('b'), get('c')])));
    expect(client.log).toEqual(['+a\r\n', 'end']);
    expect(fired()).toEqual(['stall redis']);
    expect(eventsOf(history(), 'fault-ended')).toMatchObject([{ at: 50, fault: 0, name: 'stall redis' }]);
  });

  it('split writes the pieces apart, and what follows behind them', () => {
    const { gate, server, clock, fired } = redis({
      faults: [{ at: at('a'), fate: { do: 'split', pieces: 3 } }],
    });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    expect(server.log).toHaveLength(1);
    clock.advance(5);
    expect(server.log).toHaveLength(2);
    clock.advance(5);
    expect(server.log.slice(0, 3).join('')).toBe(text(get('a')));
    expect(server.log.slice(3)).toEqual([text(get('b'))]);
    expect(fired()).toEqual(['split redis']);
  });

  it('cut by an end breaks nothing', () => {
    const fate = { do: 'cut', when: 'before', by: 'fin' } as const;
    const { gate, client, server } = redis({ faults: [{ at: at('b'), fate }] });
    gate.fromClient(Buffer.concat([get('a'), get('b')]));
    expect(server.log).toEqual([text(get('a')), 'end']);
    expect(client.log).toEqual(['end']);
  });
});

describe('fates on the client wire', () => {
  it('fragment brings one frame as several, masked as before', () => {
    const words = '{"type":"ping","of":"more than one frame"}';
    const mask = Buffer.from([1, 2, 3, 4]);
    const masked = Buffer.from(words).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    const { gate, server, fired } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'fragment', frames: 3 } }],
    });
    gate.fromClient(Buffer.concat([Buffer.from([0x81, 0x80 | words.length]), mask, masked]));
    const bytes = server.writes[1]?.bytes ?? Buffer.alloc(0);
    const heads: number[] = [];
    let payload = '';
    for (let start = 0; start < bytes.length; ) {
      const part = frameAt(bytes, start);
      if (part === null) throw new Error('half a frame');
      heads.push(bytes[start] ?? 0);
      const key = bytes.subarray(part.mask, part.payload);
      payload += bytes
        .subarray(part.payload, part.end)
        .map((byte, index) => byte ^ (key[index % 4] ?? 0))
        .toString();
      start = part.end;
    }
    expect(heads).toEqual([0x01, 0x00, 0x80]);
    expect(payload).toBe(words);
    expect(fired()).toEqual(['fragment client']);
  });

  it('close tells both sides the code, and ends', () => {
    const { gate, client, server, fired } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'close', code: 1012 } }],
    });
    gate.fromClient(ping);
    expect(server.log.slice(1)).toEqual(['\x88\x82\0\0\0\0\x03\xf4', 'end']);
    expect(client.log.slice(1)).toEqual(['\x88\x02\x03\xf4', 'end']);
    expect(fired()).toEqual(['close client']);
  });

  it('close comes not before both have upgraded, and has not fired then', () => {
    const { gate, server, fired } = clientWire(
      { faults: [{ at: on('upgrade'), fate: { do: 'close', code: 1012 } }] },
      'not yet',
    );
    gate.fromClient(upgrade);
    expect(server.log).toEqual([upgradeText]);
    expect(fired()).toEqual([]);
  });

  const ping = frame('{"type":"ping"}');
  const resume = frame('{"type":"resume"}');
  const pong = frame('{"type":"pong"}');

  it('drop takes one frame', () => {
    const { gate, server } = clientWire({ faults: [{ at: on('ping'), fate: { do: 'drop' } }] });
    gate.fromClient(Buffer.concat([ping, resume]));
    expect(server.log).toEqual([upgradeText, text(resume)]);
  });

  it('duplicate brings a frame twice', () => {
    const { gate, client } = clientWire({ faults: [{ at: on('pong'), fate: { do: 'duplicate' } }] });
    gate.fromServer(pong);
    expect(client.log.slice(1).join('')).toBe(text(pong) + text(pong));
  });

  it('reorder lets the next one pass first', () => {
    const { gate, server, fired, clock } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'reorder' } }],
    });
    gate.fromClient(ping);
    expect(server.log).toEqual([upgradeText]);
    gate.fromClient(resume);
    expect(server.log.slice(1).join('')).toBe(text(resume) + text(ping));
    expect(fired()).toEqual(['reorder client']);
    expect(clock.waiting).toBe(0);
  });

  it('reorder without a next one passes in the end, and has not fired', () => {
    const { gate, server, fired, clock } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'reorder' } }],
    });
    gate.fromClient(ping);
    clock.advance(1_000);
    expect(server.log).toEqual([upgradeText, text(ping)]);
    expect(fired()).toEqual([]);
  });

  it('garble damages the payload', () => {
    const { gate, client, fired } = clientWire({ faults: [{ at: on('pong'), fate: { do: 'garble' } }] });
    gate.fromServer(pong);
    expect(client.log[1]).toBe(text(pong).replace(/}$/, '#'));
    expect(fired()).toEqual(['garble client']);
  });

  it('cut before loses the frame with the connection', () => {
    const { gate, client, server } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'cut', when: 'before' } }],
    });
    gate.fromClient(ping);
    expect(server.log).toEqual([upgradeText, 'reset']);
    expect(client.log.at(-1)).toBe('reset');
  });

  it('cut after lets the frame arrive first', () => {
    const { gate, client, server } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'cut', when: 'after' } }],
    });
    gate.fromClient(ping);
    expect(server.log).toEqual([upgradeText, text(ping), 'end']);
    expect(client.log.at(-1)).toBe('reset');
  });

  it('fail refuses the upgrade with a status, and the server sees nothing', () => {
    const { gate, client, server, fired } = clientWire(
      { faults: [{ at: on('upgrade'), fate: { do: 'fail', error: '503' } }] },
      'not yet',
    );
    gate.fromClient(upgrade);
    expect(client.log[0]).toMatch(/^HTTP\/1\.1 503 /);
    expect(client.log.at(-1)).toBe('end');
    expect(server.log).toEqual(['end']);
    expect(fired()).toEqual(['fail client']);
  });

  it('fail on a frame does nothing, and has not fired', () => {
    const { gate, server, fired } = clientWire({
      faults: [{ at: on('ping'), fate: { do: 'fail', error: '503' } }],
    });
    gate.fromClient(ping);
    expect(server.log).toEqual([upgradeText, text(ping)]);
    expect(fired()).toEqual([]);
  });

  it('cut after the upgrade lets the server accept and loses its answer', () => {
    const { gate, client, server } = clientWire(
      { faults: [{ at: { ...on('upgrade'), direction: 'request' }, fate: { do: 'cut', when: 'after' } }] },
      'not yet',
    );
    gate.fromClient(upgrade);
    expect(server.log).toEqual([upgradeText]);
    gate.fromServer(accepted);
    expect(server.log.at(-1)).toBe('reset');
    expect(client.log).toEqual(['reset']);
  });
});

const upgrade = Buffer.from('GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n');
const upgradeText = text(upgrade);
const accepted = Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n');

function redis(plan: Plan, options: Partial<GateOptions> = {}, prepare: (client: End) => void = () => {}) {
  const wire = setUp(createRedisProtocol({ keyPrefix: 'fl:' }), plan, options);
  prepare(wire.client);
  return wire;
}

function clientWire(plan: Plan, opened: 'opened' | 'not yet' = 'opened') {
  const wire = setUp(createClientProtocol(), plan, {});
  if (opened === 'opened') {
    wire.gate.fromClient(upgrade);
    wire.gate.fromServer(accepted);
  }
  return wire;
}

function setUp(protocol: WireProtocol, plan: Plan, options: Partial<GateOptions>) {
  const { clock, recorder, director } = stagedPlay(plan);
  const connect = (): { gate: GateConnection; client: End; server: End } => {
    const client = new End();
    const server = new End();
    return { gate: createGate({ protocol, director, clock, ...options }, client, server), client, server };
  };
  return {
    ...connect(),
    second: connect,
    clock,
    history: () => recorder.history(),
    fired: () => eventsOf(recorder.history(), 'fault-fired').map(({ name }) => name),
  };
}

class End implements GateEnd {
  readonly log: string[] = [];
  readonly writes: { readonly bytes: Buffer; readonly parsed: unknown }[] = [];
  onWrite: () => void = () => {};

  write(bytes: Buffer, parsed?: unknown): void {
    this.log.push(text(bytes));
    this.writes.push({ bytes, parsed });
    this.onWrite();
  }

  end(): void {
    this.log.push('end');
  }

  reset(): void {
    this.log.push('reset');
  }
}

function key(run: string): string {
  return `fl:u:alice:r:${run}:state`;
}

function get(run: string): Buffer {
  return Buffer.from(`*2\r\n$3\r\nGET\r\n$${key(run).length}\r\n${key(run)}\r\n`);
}

function at(run: string, direction: 'request' | 'reply' = 'request') {
  return { wire: 'redis', direction, user: 'alice', run, kind: 'get.state' } as const;
}

function on(kind: string) {
  return { wire: 'client', kind } as const;
}

function frame(json: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, json.length]), Buffer.from(json)]);
}

function text(bytes: Buffer): string {
  return bytes.toString('latin1');
}
