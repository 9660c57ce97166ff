import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { JsonObject } from '../../src/json.ts';
import type { CaseAction, CaseUser } from '../case.ts';
import type { WorldClock } from '../clock.ts';
import { eventsOf, Recorder } from '../history.ts';
import { SimulatedUser } from './user.ts';

const ask: CaseAction = { do: 'ask', run: 'run-1', thread: 't', request: 'why' };
const connect: CaseAction = { do: 'connect' };
const start = { type: 'start_agent', run_id: 'run-1', thread_id: 't', payload: { user_request: 'why' } };
const ready = { type: 'connection_established', connection_id: 'c', user_id: 'alice', heartbeat_ms: 25_000 };
const accepted = { type: 'run_accepted', run_id: 'run-1' };

/** What the server does with each connection: gets it and its number, and the frames that come. */
type Behaviour = (socket: WebSocket, connection: number) => (frame: JsonObject) => void;

let server: Server;
let refusals: number[] = [];
let behave: Behaviour = () => () => {};
let port = 0;
/** The server never says that it is ready. */
let silent = false;

beforeEach(async () => {
  refusals = [];
  silent = false;
  server = createServer();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'agent.v1' });
  let connections = 0;
  server.on('upgrade', (request, socket, head) => {
    const status = refusals.shift();
    if (status !== undefined) {
      socket.end(
        `HTTP/1.1 ${status} No\r\nX-Faultline-Code: AUTH_TOKEN_EXPIRED\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const take = behave(webSocket, ++connections);
      webSocket.on('message', (data) => take(parsed(String(data))));
      if (!silent) webSocket.send(JSON.stringify(ready));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A timer counts whole milliseconds, the clock counts parts of them. */
const timerMs = 1;

describe('a user', () => {
  it('asks, confirms what came so far, the end at once, and closes when done', async () => {
    const got: JsonObject[] = [];
    behave = (socket) => (frame) => {
      got.push(frame);
      if (frame.type !== 'start_agent') return;
      for (const each of [accepted, event(1), event(2), event(3, 'run_completed')])
        socket.send(JSON.stringify(each));
    };
    const history = await play([connect, ask]);
    expect(got).toEqual([start, confirmation(3)]);
    expect(eventsOf(history, 'seen').map(({ frame }) => (frame as JsonObject).type)).toEqual([
      'connection_established',
      'run_accepted',
      'agent_thinking',
      'agent_thinking',
      'run_completed',
    ]);
    expect(eventsOf(history, 'sent').map(({ frame }) => frame)).toEqual(got);
    expect(
      eventsOf(history, 'confirmed').map(({ sequence, parent }) => [
        sequence,
        history.events[(parent ?? 0) - 1]?.type,
      ]),
    ).toEqual([[3, 'seen']]);
    expect(eventsOf(history, 'connection-opened')).toMatchObject([{ user: 'alice', connection: 'alice-1' }]);
    expect(eventsOf(history, 'connection-closed')).toMatchObject([{ code: 1000, by: 'user' }]);
  });

  it('confirms nothing where the case says so', async () => {
    behave = (socket) => () => socket.send(JSON.stringify(event(1, 'run_failed')));
    const history = await play([connect, ask], { confirms: 'none' });
    expect(eventsOf(history, 'confirmed')).toEqual([]);
    expect(eventsOf(history, 'gave-up')).toEqual([]);
  });

  it('takes an error that names the run for its end', async () => {
    behave = (socket) => () =>
      socket.send(JSON.stringify({ type: 'error', code: 'SERVICE_NOT_READY', run_id: 'run-1' }));
    expect(eventsOf(await play([connect, ask]), 'gave-up')).toEqual([]);
  });

  it('comes back where the connection breaks, and resumes after what it has', async () => {
    const resumed: JsonObject[] = [];
    behave = (socket, connection) => (frame) => {
      if (frame.type === 'start_agent') {
        for (const each of [accepted, event(1), event(2)]) socket.send(JSON.stringify(each));
      } else if (frame.type === 'event_confirmation' && frame.sequence === 2 && connection === 1) {
        socket.terminate();
      } else if (frame.type === 'resume') {
        resumed.push(frame);
        for (const each of [event(2), event(3, 'run_completed')]) socket.send(JSON.stringify(each));
      }
    };
    const history = await play([connect, ask]);
    expect(resumed).toEqual([{ type: 'resume', run_id: 'run-1', after: 2 }]);
    expect(eventsOf(history, 'connection-closed').map(({ by, code }) => [by, code])).toEqual([
      ['other', 1006],
      ['user', 1000],
    ]);
    expect(
      eventsOf(history, 'seen').filter(({ frame }) => (frame as JsonObject).sequence === 2),
    ).toHaveLength(2);
    const [opened, again] = eventsOf(history, 'connection-opened');
    expect((again?.at ?? 0) - (opened?.at ?? 0)).toBeGreaterThanOrEqual(50 - timerMs);
  });

  it('asks again where the run was never taken, and resumes where it was after all', async () => {
    const got: unknown[] = [];
    behave = (socket, connection) => (frame) => {
      got.push(frame.type);
      if (connection === 1) socket.terminate();
      else if (frame.type === 'start_agent') {
        socket.send(JSON.stringify({ type: 'error', code: 'RUN_DUPLICATE', run_id: 'run-1' }));
      } else if (frame.type === 'resume') socket.send(JSON.stringify(event(1, 'run_completed')));
    };
    await play([connect, ask]);
    expect(got.slice(0, 3)).toEqual(['start_agent', 'start_agent', 'resume']);
  });

  it('gives up in the end, and takes the run up again when it comes back', async () => {
    const got: unknown[] = [];
    behave = (socket, connection) => (frame) => {
      got.push([connection, frame.type]);
      if (frame.type === 'start_agent') socket.send(JSON.stringify(accepted));
    };
    const history = await play(
      // Time enough to be let in and to ask, on a busy machine too.
      [connect, ask, { do: 'leave' }, { do: 'wait', ms: 20 }, connect, { do: 'wait', ms: 1_000 }],
      {},
      120,
    );
    const [gaveUp] = eventsOf(history, 'gave-up');
    expect(gaveUp).toMatchObject({ user: 'alice', run: 'run-1' });
    expect(gaveUp?.afterMs).toBeGreaterThanOrEqual(120 - timerMs);
    expect(got).toEqual([
      [1, 'start_agent'],
      [2, 'resume'],
    ]);
    expect(eventsOf(history, 'connection-closed')[0]).toMatchObject({ code: 1006, by: 'user' });
  });

  it('records a refusal with its status and code, and tries again where that can help', async () => {
    refusals = [503];
    behave = (socket) => () => socket.send(JSON.stringify(event(1, 'run_completed')));
    const history = await play([connect, ask]);
    expect(eventsOf(history, 'connection-refused')).toMatchObject([
      { status: 503, code: 'AUTH_TOKEN_EXPIRED', connection: 'alice-1' },
    ]);
    expect(eventsOf(history, 'connection-opened')).toMatchObject([{ connection: 'alice-2' }]);
  });

  it('does not try again with a token that is refused', async () => {
    refusals = [401, 401, 401];
    const history = await play([connect]);
    expect(eventsOf(history, 'connection-refused')).toMatchObject([{ status: 401 }]);
  });

  it('records that nobody listens', async () => {
    server.close();
    const history = await play([connect], {}, 150);
    expect(eventsOf(history, 'connection-refused')[0]).toMatchObject({ status: 0, code: 'ECONNREFUSED' });
  });

  it('records what is not JSON as text', async () => {
    behave = (socket, connection) => () => {
      if (connection === 1) socket.send('no json');
      socket.send(JSON.stringify(event(1, 'run_completed')));
    };
    expect(eventsOf(await play([connect, ask]), 'seen')[1]?.text).toBe('no json');
  });

  it('asks for what is missing, once', async () => {
    const got: JsonObject[] = [];
    behave = (socket) => (frame) => {
      if (frame.type === 'start_agent') {
        for (const each of [event(1), event(3, 'run_completed')]) socket.send(JSON.stringify(each));
      } else if (frame.type === 'resume') {
        got.push(frame);
        socket.send(JSON.stringify(event(2)));
      }
    };
    const history = await play([connect, ask]);
    expect(got).toEqual([{ type: 'resume', run_id: 'run-1', after: 1 }]);
    expect(eventsOf(history, 'confirmed').at(-1)?.sequence).toBe(3);
  });

  it('takes one event after the other where its application takes its time', async () => {
    behave = (socket) => (frame) => {
      if (frame.type !== 'start_agent') return;
      for (const each of [event(1), event(2), event(3, 'run_completed')]) socket.send(JSON.stringify(each));
    };
    const history = await play([connect, ask], { takesMs: 60 });
    expect(eventsOf(history, 'confirmed').map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('drops everything when it is stopped', async () => {
    const recorder = new Recorder(clock.now);
    const user = simulated([connect, ask], recorder);
    setTimeout(() => user.stop(), 60);
    await user.play();
    expect(recorder.history().events.at(-1)?.type).not.toBe('gave-up');
  });
});

describe('what no client library does', () => {
  it('is done beneath it: texts as they are, and reading nothing for a while', async () => {
    const got: JsonObject[] = [];
    behave = (socket) => (frame) => {
      got.push(frame);
      if (frame.type === 'start_agent') socket.send(JSON.stringify(event(1, 'run_completed')));
    };
    const forged = { type: 'resume', run_id: 'run-9', after: 7 };
    const history = await play([
      connect,
      { do: 'send', text: 'no json' },
      { do: 'send', text: JSON.stringify(forged) },
      { do: 'stall', ms: 150 },
      ask,
    ]);
    expect(got.slice(0, 3)).toEqual([{ garbage: 'no json' }, forged, start]);
    expect(
      eventsOf(history, 'sent')
        .map(({ frame }) => frame)
        .slice(0, 2),
    ).toEqual(['no json', forged]);
    const [asked] = eventsOf(history, 'sent').filter(({ frame }) => isStart(frame));
    const [seen] = eventsOf(history, 'seen').filter(({ frame }) => isEnd(frame));
    expect((seen?.at ?? 0) - (asked?.at ?? 0)).toBeGreaterThan(100);
  });

  it('is done by a raw client: it does not wait for the server, confirms nothing, and stays away', async () => {
    silent = true;
    const got: unknown[] = [];
    behave = (socket, connection) => (frame) => {
      got.push([connection, frame.type]);
      if (frame.type === 'start_agent') socket.send(JSON.stringify(event(1)));
      if (frame.type === 'start_agent') socket.terminate();
    };
    const history = await play([connect, ask, { do: 'wait', ms: 300 }], { client: 'raw' });
    expect(got).toEqual([[1, 'start_agent']]);
    expect(eventsOf(history, 'connection-opened')).toHaveLength(1);
    expect(eventsOf(history, 'gave-up')).toHaveLength(1);
    expect(eventsOf(history, 'confirmed')).toEqual([]);
  });

  it('is done by a raw client that comes back with a stale cursor', async () => {
    const got: JsonObject[] = [];
    behave = (socket, connection) => (frame) => {
      got.push(frame);
      if (connection === 1) socket.send(JSON.stringify(event(1, 'run_completed')));
    };
    const stale = { type: 'resume', run_id: 'run-1', after: 0 };
    const history = await play(
      [connect, ask, { do: 'leave' }, connect, { do: 'send', text: JSON.stringify(stale) }],
      { client: 'raw' },
    );
    expect(got).toEqual([start, stale]);
    expect(eventsOf(history, 'connection-closed').map(({ code, by }) => [code, by])).toEqual([
      [1006, 'user'],
      [1000, 'user'],
    ]);
  });
});

const clock: WorldClock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

async function play(actions: CaseAction[], change: Partial<CaseUser> = {}, patienceMs = 5_000) {
  const recorder = new Recorder(clock.now);
  await simulated(actions, recorder, change, patienceMs).play();
  return recorder.history();
}

function simulated(
  actions: CaseAction[],
  recorder: Recorder,
  change: Partial<CaseUser> = {},
  patienceMs = 5_000,
): SimulatedUser {
  return new SimulatedUser({
    deploy: async () => {},
    knock: async () => {},
    user: { id: 'alice', arrivesAtMs: 0, confirms: 'all', actions, ...change },
    clock,
    recorder,
    patienceMs,
    dial: (user) => new WebSocket(`ws://127.0.0.1:${port}/ws`, ['agent.v1', `jwt.${user}`]),
  });
}

function event(sequence: number, type = 'agent_thinking') {
  return { type, run_id: 'run-1', sequence };
}

function confirmation(sequence: number) {
  return { type: 'event_confirmation', run_id: 'run-1', sequence };
}

function parsed(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return { garbage: text };
  }
}

function isStart(frame: unknown): boolean {
  return (frame as JsonObject).type === 'start_agent';
}

function isEnd(frame: unknown): boolean {
  return (frame as JsonObject | undefined)?.type === 'run_completed';
}
