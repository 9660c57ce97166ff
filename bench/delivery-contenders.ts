import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { entryPoint } from '../harness/worlds/entry-point.ts';
import { connect } from '../src/client/node.ts';
import type { Work } from './delivery-flight.ts';
import {
  benchJwt,
  type ContenderKind,
  type FromServer,
  type Reply,
  type ServerOptions,
} from './delivery-wire.ts';

/** A contender's server process. */
export interface ServerProcess {
  readonly url: string;
  ask<K extends keyof Reply>(what: K): Promise<Reply[K]>;
  /** Told of each event that was produced of work that is spread over time. */
  onProduced(listener: (number: number) => void): void;
  stop(): Promise<void>;
}

export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { url, execArgv } = entryPoint(import.meta.url, './delivery-server');
  const child = fork(fileURLToPath(url), [], {
    // Not as an argument: the password of Redis would stand in the list of processes.
    env: { ...process.env, FAULTLINE_BENCH_SERVER: JSON.stringify(options) },
    execArgv: [...execArgv, '--expose-gc'],
  });
  const ready = await next(child, (message) => ('url' in message ? message.url : undefined));
  return {
    url: ready,
    ask: (what) => {
      const told = next(child, (message) => (message as Reply)[what]);
      child.send(what);
      return told;
    },
    onProduced: (listener) =>
      void child.on('message', (message: FromServer) => {
        if ('produced' in message) listener(message.produced);
      }),
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function next<T>(child: ChildProcess, pick: (message: FromServer) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const exited = (): void => reject(new Error('a server of the bench ended'));
    const listener = (message: FromServer): void => {
      const picked = pick(message);
      if (picked === undefined) return;
      child.off('message', listener);
      child.off('exit', exited);
      resolve(picked);
    };
    child.on('message', listener);
    child.once('exit', exited);
  });
}

/** A contender's client on one connection, or on one after the other. */
export interface BenchClient {
  /** Resolves when the server says that the work is done. `take` gets the number of each event, as it comes. */
  run(work: Work, take?: (number: number) => void): Promise<void>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly url: string;
  readonly user: string;
  /** Events for one confirmation, where a contender confirms several at once. */
  readonly confirmAfter: number;
  readonly heartbeatMs: number;
}

const firstPauseMs = 100;

/** Connected when it resolves. */
export const clientOf: { readonly [K in ContenderKind]: (options: ClientOptions) => Promise<BenchClient> } = {
  ours: shippedClient,
  ws: webSocketClient,
  'socket.io': socketIoClient,
  'socket.io with recovery': socketIoClient,
  'BullMQ and socket.io': socketIoClient,
};

async function shippedClient({ url, user, confirmAfter }: ClientOptions): Promise<BenchClient> {
  const token = await new SignJWT({ sub: user })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(benchJwt.audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(benchJwt.secret));
  const client = await connect({ url, token, firstPauseMs, confirmAfterEvents: confirmAfter });
  return {
    async run(work, take = () => {}) {
      const run = client.ask({ thread_id: 'thread-1', request: JSON.stringify(work) });
      for await (const event of run) if (event.type === 'agent_thinking') take(event.payload.step_number);
    },
    close: () => client.close(),
  };
}

/** Connects again a while after its connection broke, or was silent for too long. */
async function webSocketClient({ url, heartbeatMs }: ClientOptions): Promise<BenchClient> {
  let socket: WebSocket;
  let isClosing = false;
  let take: (number: number) => void = () => {};
  let done: () => void = () => {};
  const dial = (): void => {
    const dialled = new WebSocket(url, { perMessageDeflate: false });
    socket = dialled;
    let silent: NodeJS.Timeout;
    const heard = (): void => {
      clearTimeout(silent);
      silent = setTimeout(() => dialled.terminate(), 2 * heartbeatMs);
    };
    dialled.on('open', heard);
    dialled.on('ping', heard);
    dialled.on('error', () => {});
    dialled.on('message', (data) => {
      const text = data.toString();
      const message = JSON.parse(text) as { readonly done?: true; readonly sequence: number };
      if (message.done) done();
      else {
        take(message.sequence);
        dialled.send(text);
      }
    });
    dialled.on('close', () => {
      clearTimeout(silent);
      if (!isClosing) setTimeout(dial, firstPauseMs);
    });
  };
  dial();
  await new Promise((resolve) => socket.once('open', resolve));
  return {
    run: (work, onEvent = () => {}) => {
      take = onEvent;
      socket.send(JSON.stringify({ work }));
      return new Promise((resolve) => {
        done = resolve;
      });
    },
    close: async () => {
      isClosing = true;
      socket.terminate();
    },
  };
}

async function socketIoClient({ url }: ClientOptions): Promise<BenchClient> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnectionDelay: firstPauseMs });
  let take: (number: number) => void = () => {};
  socket.on('event', (event: { readonly sequence: number }, acknowledge?: unknown) => {
    take(event.sequence);
    // With state recovery the offset comes in its place.
    if (typeof acknowledge === 'function') acknowledge();
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return {
    run: (work, onEvent = () => {}) => {
      take = onEvent;
      return new Promise((resolve) => socket.emit('run', work, () => resolve()));
    },
    close: async () => {
      socket.disconnect();
    },
  };
}
