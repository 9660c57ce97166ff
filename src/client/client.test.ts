import { beforeEach, describe, expect, it } from 'vitest';
import { settled } from '../supervisor/manual-clock.fixture.ts';
import type { Client } from './client.ts';
import type { ClientError } from './client-error.ts';
import type { Run } from './run.ts';
import { answer, eventOf, ScriptedServer } from './scripted-server.fixture.ts';

const request = { run_id: 'run-1', thread_id: 't', request: 'why' };
const start = { type: 'start_agent', run_id: 'run-1', thread_id: 't', payload: { user_request: 'why' } };

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

describe('connecting', () => {
  it('offers the protocol and the token, and is there when the server says that it is ready', async () => {
    let client: Client | undefined;
    void server.connect({ token: () => Promise.resolve('a.b.c') }).then((connected) => {
      client = connected;
    });
    await settled();
    expect(server.last.address).toEqual({ url: 'ws://server/ws', protocols: ['agent.v1', 'jwt.a.b.c'] });
    expect(client).toBeUndefined();
    server.last.ready();
    await settled();
    expect(client).toBeDefined();
  });

  it('tries the next address after growing pauses, and gives up in the end', async () => {
    const connecting = server.connect({ url: ['ws://a', 'ws://b'], attempts: 4, longestPauseMs: 300 });
    const failed = connecting.catch((error: ClientError) => error);
    const at: [string, number][] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      await server.clock.pass(attempt === 0 ? 0 : 300);
      expect(server.connections).toHaveLength(attempt + 1);
      at.push([server.last.address.url, server.clock.pending]);
      server.last.break({ refusal: { status: 503, code: 'SERVICE_NOT_READY' } });
    }
    expect(at.map(([url]) => url)).toEqual(['ws://a', 'ws://b', 'ws://a', 'ws://b']);
    expect(await failed).toMatchObject({ code: 'CONNECTION_FAILED', retry: 'later', status: 503 });
    expect(server.clock.pending).toBe(0);
  });

  it('goes on to the next address where a connection that was good is lost', async () => {
    const client = await server.client({ url: ['ws://a', 'ws://b', 'ws://c'] });
    void client.ask(request).answer;
    const urls = [server.last.address.url];
    for (let round = 0; round < 4; round++) {
      server.last.events(round + 1).break();
      await server.again();
      urls.push(server.last.address.url);
    }
    expect(urls).toEqual(['ws://a', 'ws://b', 'ws://c', 'ws://a', 'ws://b']);
    await client.close();
  });

  it('pauses 100, 200, 400 ms and so on, and never longer than it was told', async () => {
    const connecting = server.connect({ longestPauseMs: 300 });
    connecting.catch(() => {});
    await settled();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = server.connections.length;
      const from = server.clock.now();
      server.last.break();
      while (server.connections.length === before) await server.clock.pass(50);
      pauses.push(server.clock.now() - from);
    }
    expect(pauses).toEqual([100, 200, 300, 300]);
  });

  it.each([
    [{ refusal: { status: 401, code: 'AUTH_TOKEN_INVALID' } }, 'AUTH_TOKEN_INVALID'],
    [{ refusal: { status: 403 } }, 'CONNECTION_REFUSED'],
    [{ code: 1008, reason: 'AUTH_TOKEN_EXPIRED' }, 'AUTH_TOKEN_EXPIRED'],
    [{ code: 1002, reason: 'FRAME_INVALID' }, 'FRAME_INVALID'],
    [{ code: 1008, reason: 'go away' }, 'CONNECTION_REFUSED'],
  ])('says at once that %j cannot be helped by trying again', async (closing, code) => {
    const failed = server.connect().catch((error: ClientError) => error);
    await settled();
    server.last.break(closing);
    const error = (await failed) as ClientError;
    expect(error).toMatchObject({ code, retry: 'no' });
    expect(error.close ?? error.status).toBeDefined();
    expect(error.remedy).not.toBe('');
    await server.clock.pass(60_000);
    expect(server.connections).toHaveLength(1);
  });

  it.each([
    { refusal: { status: 503 } },
    { refusal: { status: 429, code: 'CONNECTION_LIMIT' } },
    { refusal: { status: 0, code: 'ECONNREFUSED' } },
    { code: 1012, reason: 'SERVICE_NOT_READY' },
    { code: 1013, reason: 'SLOW_READER' },
    { code: 1008, reason: 'RATE_LIMITED' },
    { code: 1006 },
  ])('tries again after %j', async (closing) => {
    const connecting = server.connect();
    await settled();
    server.last.break(closing);
    await server.again();
    await (await connecting).close();
  });

  it('gets a new token where the old one ran out in use', async () => {
    let tokens = 0;
    const client = await server.client({ token: () => `token-${++tokens}` });
    server.last.break({ code: 1008, reason: 'AUTH_TOKEN_EXPIRED' });
    await server.again();
    expect(server.last.address.protocols[1]).toBe('jwt.token-2');
    server.last.break({ refusal: { status: 401, code: 'AUTH_TOKEN_EXPIRED' } });
    await server.clock.pass(1_000);
    server.connections.splice(0);
    await client.close();
  });

  it('does not wait for ever for a server that is never ready', async () => {
    const connecting = server.connect({ readyMs: 500 });
    await server.clock.pass(500);
    expect(server.last.ended).toBe('abandoned');
    await server.again();
    await (await connecting).close();
  });

  it('does not wait for ever for a token, and takes none that comes too late', async () => {
    const given: ((token: string) => void)[] = [];
    const token = () => new Promise<string>((resolve) => given.push(resolve));
    const connecting = server.connect({ readyMs: 500, token });
    await server.clock.pass(600);
    expect(given).toHaveLength(2);
    given[0]?.('late');
    await settled();
    expect(server.connections).toEqual([]);
    given[1]?.('in-time');
    await settled();
    expect(server.connections.map(({ address }) => address.protocols[1])).toEqual(['jwt.in-time']);
    server.last.ready();
    await (await connecting).close();
    expect(server.clock.pending).toBe(0);
  });

  it('asks again for a token that could not be had, and names the cause where none ever can', async () => {
    let asked = 0;
    const token = async () => {
      asked += 1;
      if (asked < 3) throw new Error('the auth service is away');
      return 'a.b.c';
    };
    const connecting = server.connect({ token });
    await server.clock.pass(1_000);
    expect(asked).toBe(3);
    server.last.ready();
    await (await connecting).close();
    asked = -10;
    const failed = server.connect({ token, attempts: 3 }).catch((reason: unknown) => reason);
    await server.clock.pass(5_000);
    expect(await failed).toMatchObject({
      code: 'TOKEN_UNAVAILABLE',
      retry: 'later',
      cause: { message: 'the auth service is away' },
    });
    expect(asked).toBe(-7);
    expect(server.clock.pending).toBe(0);
  });

  it('says of a token that cannot be offered that it is the token', async () => {
    await expect(server.connect({ token: 'a.b.c\n' })).rejects.toMatchObject({
      code: 'AUTH_TOKEN_MALFORMED',
      retry: 'no',
    });
    expect(server.connections).toEqual([]);
    expect(server.clock.pending).toBe(0);
  });

  it('is ended by its signal', async () => {
    const controller = new AbortController();
    const failed = server.connect({ signal: controller.signal }).catch((reason: unknown) => reason);
    await settled();
    controller.abort('enough');
    expect(await failed).toBe('enough');
    expect(server.last.ended).toBe('abandoned');
    expect(server.clock.pending).toBe(0);
    await expect(server.connect({ signal: controller.signal })).rejects.toBe('enough');
  });
});

describe('a run', () => {
  it('gives its events in order, each once, and the answer', async () => {
    const run = await asked();
    expect(server.last.got).toEqual([start]);
    server.last.say({ type: 'run_accepted', run_id: 'run-1', thread_id: 't' });
    server.last.events(1, 3, 2, 2, 1, 4).end(5).events(6);
    expect(await numbersOf(run)).toEqual([1, 2, 3, 4, 5]);
    expect(await run.answer).toEqual(answer);
    expect(run.lost).toEqual([]);
  });

  it('chooses an id where none is given', async () => {
    const client = await server.client();
    expect(client.ask({ thread_id: 't', request: 'why' }).id).toBe('run-1');
    await client.close();
  });

  it('waits for the connection', async () => {
    const connecting = server.connect();
    await settled();
    server.last.break();
    await server.again();
    const client = await connecting;
    server.last.break();
    const run = client.ask(request);
    // A connection that was of no use yet counts as one more failure.
    await server.again(200);
    expect(server.last.got).toEqual([start]);
    server.last.end(1);
    expect(await run.answer).toEqual(answer);
  });

  it('confirms what the application has taken, not what came', async () => {
    const run = await asked();
    server.last.events(1, 2, 3);
    await server.clock.pass(1_000);
    const events = run[Symbol.asyncIterator]();
    await events.next();
    await server.clock.pass(1_000);
    expect(confirmed()).toEqual([]);
    await events.next();
    await server.clock.pass(50);
    expect(confirmed()).toEqual([1]);
    await events.next();
    const last = events.next();
    server.last.end(4);
    await last;
    expect(confirmed()).toEqual([1]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(confirmed()).toEqual([1, 4]);
  });

  it('confirms many together: after a time or a number, and the end at once', async () => {
    const client = await server.client({ confirmAfterMs: 20, confirmAfterEvents: 10 });
    const { answer } = client.ask(request);
    server.last.events(1, 2, 3);
    await server.clock.pass(20);
    expect(confirmed()).toEqual([3]);
    server.last.events(...range(4, 12));
    expect(confirmed()).toEqual([3]);
    server.last.events(13);
    expect(confirmed()).toEqual([3, 13]);
    server.last.end(14);
    expect(confirmed()).toEqual([3, 13, 14]);
    await answer;
  });

  it('is taken up again after what came, on the next connection, and confirms once more', async () => {
    const run = await asked();
    const numbers = numbersOf(run);
    server.last.events(1, 2);
    await server.clock.pass(50);
    expect(confirmed()).toEqual([2]);
    server.last.break();
    await server.again();
    expect(server.last.got).toEqual([
      { type: 'resume', run_id: 'run-1', after: 2 },
      { type: 'event_confirmation', run_id: 'run-1', sequence: 2 },
    ]);
    server.last.events(2, 3).end(4);
    expect(await numbers).toEqual([1, 2, 3, 4]);
  });

  it('is started again where the server had not answered, and resumed where it had it all the same', async () => {
    const run = await asked();
    server.last.break();
    await server.again();
    expect(server.last.got).toEqual([start]);
    server.last.say({ type: 'error', code: 'RUN_DUPLICATE', run_id: 'run-1' });
    expect(server.last.got.at(-1)).toEqual({ type: 'resume', run_id: 'run-1', after: 0 });
    server.last.end(1);
    expect(await run.answer).toEqual(answer);
  });

  it('is taken up by another process after what that has', async () => {
    const client = await server.client();
    const run = client.resume({ run_id: 'run-1', after: 7 });
    expect(server.last.got).toEqual([{ type: 'resume', run_id: 'run-1', after: 7 }]);
    server.last.events(8).end(9);
    expect(await numbersOf(run)).toEqual([8, 9]);
  });

  it('tells what the server lost, in its place', async () => {
    const run = await asked();
    server.last.events(1);
    server.last.say({ type: 'events_lost', run_id: 'run-1', after: 1, available_from: 5 });
    server.last.events(5).end(6);
    const items = [];
    for await (const item of run) items.push(item.type === 'events_lost' ? item : item.sequence);
    const lost = { type: 'events_lost', run_id: 'run-1', after: 1, available_from: 5 };
    expect(items).toEqual([1, lost, 5, 6]);
    expect(run.lost).toEqual([lost]);
    expect(confirmed()).toEqual([6]);
  });

  it('fails as the server says', async () => {
    const failed = await asked();
    const told = { code: 'AGENT_TIMEOUT', message: 'late', retry: 'maybe', remedy: 'x', correlation_id: 'c' };
    server.last.say(eventOf(1, 'run_failed', { ...told, missing: [] }));
    await expect(failed.answer).rejects.toMatchObject({
      code: 'AGENT_TIMEOUT',
      message: 'AGENT_TIMEOUT: late',
      runId: 'run-1',
      retry: 'maybe',
      remedy: 'x',
      correlationId: 'c',
    });
    const shown = (await server.client()).ask(request);
    server.last.say(eventOf(1, 'run_failed', { ...told, missing: [] }));
    expect(await numbersOf(shown)).toEqual([1]);
  });

  it('ends its loop with the error where there is no last event', async () => {
    const run = await asked();
    server.last.events(1).say({ type: 'error', code: 'STORE_UNAVAILABLE', run_id: 'run-1' });
    const events = run[Symbol.asyncIterator]();
    expect(await events.next()).toMatchObject({ value: { sequence: 1 } });
    await expect(events.next()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', runId: 'run-1' });
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('goes on where only its resume was refused for now', async () => {
    const run = await asked();
    server.last.events(1).break();
    await server.again();
    server.last.say({ type: 'error', code: 'STORE_UNAVAILABLE', retry: 'later', run_id: 'run-1' });
    await server.clock.pass(1_000);
    expect(server.last.gotOf('resume')).toHaveLength(2);
    server.last.end(2);
    expect(await run.answer).toEqual(answer);
  });

  it('fails where its log is gone', async () => {
    const run = await asked();
    server.last.events(1).break();
    await server.again();
    server.last.say({ type: 'error', code: 'RUN_UNKNOWN', run_id: 'run-1' });
    await expect(run.answer).rejects.toMatchObject({ code: 'RUN_UNKNOWN', runId: 'run-1' });
    expect(run.received).toBe(1);
  });

  it('is let go where its loop is left', async () => {
    const run = await asked();
    server.last.events(1, 2);
    for await (const { type } of run) if (type === 'agent_thinking') break;
    await expect(run.answer).rejects.toMatchObject({ code: 'RUN_LEFT' });
    server.last.break();
    await server.again();
    expect(server.last.got).toEqual([]);
  });

  it('is not remembered for ever where it was left: of many only the last are confirmed once more', async () => {
    const client = await server.client();
    const left = range(1, 200).map((number) => `left-${number}`);
    for (const run_id of left) {
      const events = client.ask({ ...request, run_id })[Symbol.asyncIterator]();
      server.last.say({ ...eventOf(1), run_id });
      await events.next();
      void events.next();
      await events.return?.();
    }
    await server.clock.pass(50);
    expect(server.last.gotOf('event_confirmation')).toHaveLength(200);
    server.last.break();
    await server.again();
    const again = server.last
      .gotOf('event_confirmation')
      .map((message) => 'run_id' in message && message.run_id);
    expect(again).toEqual(left.slice(-64));
    await client.close();
  });

  it('does not hand out twice what was taken for its answer', async () => {
    const run = await asked();
    void run.answer;
    expect(() => run[Symbol.asyncIterator]()).not.toThrow();
    const other = (await server.client()).ask(request);
    void other.answer;
    server.last.events(1);
    expect(() => other[Symbol.asyncIterator]()).toThrow(TypeError);
  });

  it('is let go by its signal', async () => {
    const controller = new AbortController();
    const client = await server.client();
    const run = client.ask({ ...request, signal: controller.signal });
    const numbers = numbersOf(run);
    controller.abort('enough');
    await expect(numbers).rejects.toBe('enough');
    await expect(run.answer).rejects.toBe('enough');
    await client.close();
  });

  it('is not sent where it is larger than the server takes', async () => {
    const connecting = server.connect();
    await settled();
    server.last.ready({ max_message_bytes: 2_000 });
    const client = await connecting;
    const run = client.ask({ ...request, request: 'ä'.repeat(600) });
    await expect(run.answer).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(server.last.got).toEqual([]);
    client.ask({ ...request, request: 'a'.repeat(600) });
    expect(server.last.got).toHaveLength(1);
  });

  it('is followed once', async () => {
    const client = await server.client();
    client.ask(request);
    await expect(client.ask(request).answer).rejects.toMatchObject({ code: 'RUN_DUPLICATE' });
  });
});

describe('what does not come', () => {
  it('is asked for, then on another connection, and then told as lost and not confirmed', async () => {
    const run = await asked();
    server.last.events(1, 3).end(4);
    const items = itemsOf(run);
    await server.clock.pass(250);
    expect(server.last.gotOf('resume')).toEqual([{ type: 'resume', run_id: 'run-1', after: 1 }]);
    await server.clock.pass(1_000);
    expect(server.last.ended).toBe(4000);
    await server.again();
    expect(server.last.gotOf('resume')).toEqual([{ type: 'resume', run_id: 'run-1', after: 1 }]);
    server.last.events(3).end(4);
    await server.clock.pass(1_250);
    expect(await items).toEqual([1, 'lost 2-2', 3, 4]);
    expect(await run.answer).toEqual(answer);
    expect(new Set(confirmed())).toEqual(new Set([1]));
  });

  it('needs no asking where it is only late', async () => {
    const run = await asked();
    server.last.events(2, 1).events(4);
    await server.clock.pass(200);
    server.last.events(3).end(5);
    expect(await numbersOf(run)).toEqual([1, 2, 3, 4, 5]);
    await server.clock.pass(10_000);
    expect(server.last.gotOf('resume')).toEqual([]);
    expect(server.connections).toHaveLength(1);
  });

  it('is asked for again where the application was too slow for it', async () => {
    const client = await server.client({ keptEvents: 4 });
    const run = client.ask(request);
    const events = run[Symbol.asyncIterator]();
    server.last.events(...range(1, 20)).end(21);
    await server.clock.pass(60_000);
    expect(server.last.gotOf('resume')).toEqual([]);
    const numbers: number[] = [];
    for (;;) {
      const { value } = await events.next();
      if (value === undefined) break;
      if (value.type !== 'events_lost') numbers.push(value.sequence);
      for (const resume of server.last.gotOf('resume').splice(0)) {
        server.last.got.length = 0;
        if (resume.type === 'resume') server.last.events(...range(resume.after + 1, 20)).end(21);
      }
    }
    expect(numbers).toEqual(range(1, 21));
    expect(server.connections).toHaveLength(1);
  });

  it('takes the event that is missing though all room is taken by those after it', async () => {
    const client = await server.client({ keptEvents: 4 });
    const run = client.ask(request);
    const numbers = numbersOf(run);
    server.last.events(...range(2, 9));
    await server.clock.pass(250);
    expect(server.last.gotOf('resume')).toHaveLength(1);
    server.last.events(...range(1, 9)).end(10);
    await settled();
    expect(server.last.gotOf('resume').at(-1)).toEqual({ type: 'resume', run_id: 'run-1', after: 5 });
    server.last.events(...range(6, 9));
    await settled();
    server.last.end(10);
    expect(await numbers).toEqual(range(1, 10));
  });

  it('does not stay on a connection that brings what is no message', async () => {
    const run = await asked();
    server.last.events(1).say(undefined);
    expect(server.last.ended).toBe(4000);
    await server.again();
    server.last.end(2);
    expect(await run.answer).toEqual(answer);
  });

  it('is sent again where the server could not read it: a request, and a confirmation', async () => {
    const run = await asked();
    void run.answer;
    server.last.say({ type: 'error', code: 'MESSAGE_MALFORMED' });
    expect(server.last.got).toEqual([start, start]);
    server.last.say({ type: 'run_accepted', run_id: 'run-1', thread_id: 't' }).events(1);
    await server.clock.pass(50);
    server.last.say({ type: 'error', code: 'RATE_LIMITED' });
    expect(confirmed()).toEqual([1]);
    await server.clock.pass(1_000);
    expect(confirmed()).toEqual([1, 1]);
    expect(server.last.gotOf('start_agent')).toHaveLength(2);
    for (let round = 0; round < 20; round++) {
      server.last.say({ type: 'error', code: 'RATE_LIMITED' });
      await server.clock.pass(60_000);
      server.last.say({ type: 'pong' });
    }
    expect(confirmed().length).toBeLessThan(10);
  });
});

describe('silence', () => {
  it('is asked about, and a connection that does not answer is replaced', async () => {
    const run = await asked();
    server.last.events(1);
    await server.clock.pass(25_000 + 25_000);
    expect(server.last.gotOf('ping')).toHaveLength(1);
    server.last.say({ type: 'pong' });
    await server.clock.pass(20_000 + 25_000 + 19_999);
    expect(server.last.gotOf('ping')).toHaveLength(2);
    expect(server.last.ended).toBe(null);
    await server.clock.pass(1);
    expect(server.last.ended).toBe('abandoned');
    await server.again();
    server.last.end(2);
    expect(await run.answer).toEqual(answer);
  });

  it('is measured as the server announced it', async () => {
    const connecting = server.connect();
    await settled();
    server.last.ready({ heartbeat_ms: 100, heartbeat_deadline_ms: 50 });
    await connecting;
    await server.clock.pass(100);
    expect(server.last.gotOf('ping')).toHaveLength(1);
    await server.clock.pass(50);
    expect(server.last.ended).toBe('abandoned');
  });
});

describe('closing', () => {
  it('confirms what was taken, says goodbye, and leaves nothing behind', async () => {
    const client = await server.client();
    const run = client.ask(request);
    const { answer } = run;
    server.last.events(1, 3);
    await client.close();
    expect(server.last.got.at(-1)).toEqual({
      type: 'event_confirmation',
      run_id: 'run-1',
      sequence: 1,
    });
    expect(server.last.ended).toBe(1000);
    await expect(answer).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(await client.closed).toBeNull();
    expect(server.clock.pending).toBe(0);
    await expect(client.ask({ ...request, run_id: 'run-2' }).answer).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    await client.close();
  });

  it('does not wait for ever for a goodbye', async () => {
    const client = await server.client();
    const side = server.last;
    side.close = (code) => {
      side.ended = code;
    };
    const closed = client.close();
    await server.clock.pass(1_000);
    await closed;
    expect(side.ended).toBe('abandoned');
    expect(server.clock.pending).toBe(0);
  });

  it('says why where the client gave up itself', async () => {
    const client = await server.client();
    const run = client.ask(request);
    const { answer } = run;
    server.last.break({ code: 1008, reason: 'AUTH_TOKEN_REVOKED' });
    expect(await client.closed).toMatchObject({ code: 'AUTH_TOKEN_REVOKED', close: { code: 1008 } });
    await expect(answer).rejects.toMatchObject({ code: 'AUTH_TOKEN_REVOKED', runId: undefined });
  });
});

async function asked(): Promise<Run> {
  return (await server.client()).ask(request);
}

async function numbersOf(run: Run): Promise<number[]> {
  const numbers: number[] = [];
  for await (const item of run) if (item.type !== 'events_lost') numbers.push(item.sequence);
  return numbers;
}

async function itemsOf(run: Run): Promise<(number | string)[]> {
  const items: (number | string)[] = [];
  for await (const item of run)
    items.push(
      item.type === 'events_lost' ? `lost ${item.after + 1}-${item.available_from - 1}` : item.sequence,
    );
  return items;
}

function confirmed(): number[] {
  return server.connections.flatMap(({ got }) =>
    got.flatMap((message) => (message.type === 'event_confirmation' ? [message.sequence] : [])),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
