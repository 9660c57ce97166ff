import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { systemClock } from '../adapters/system-clock.ts';
import { createSystemPorts } from '../adapters/system-ports.ts';
import { assemble, type Pipeline } from '../assembly.ts';
import { type PipelineConfigInput, pipelineConfig } from '../config.ts';
import type { RunMeans, Supervisor } from '../supervisor/run-means.ts';

export const secret = 'a-secret-of-tests-that-is-long-enough';
export const audience = 'tests';

/** A pipeline around a scripted supervisor, over real sockets. */
export interface TestPipeline extends Pipeline {
  readonly url: string;
  readonly webSocketUrl: string;
  /** Lines of the log so far. */
  readonly lines: string[];
}

export async function startTestPipeline(options: {
  readonly redisPort: number;
  readonly supervisor?: Supervisor;
  readonly config?: Partial<PipelineConfigInput>;
}): Promise<TestPipeline> {
  const lines: string[] = [];
  const config = pipelineConfig.parse({
    jwt: { secret, audience },
    origins: { allowed: ['https://app.example.com'], withoutOrigin: true },
    model: { url: 'http://127.0.0.1:9/v1', name: 'none' },
    logLevel: 'debug',
    ...options.config,
  });
  const ports = createSystemPorts({
    host: '127.0.0.1',
    port: 0,
    redis: { options: { host: '127.0.0.1', port: options.redisPort }, keyPrefix: 'test:' },
    usage: { fetch: async () => [] },
    log: { write: (line) => lines.push(line) },
  });
  const pipeline = assemble(ports, config, () => options.supervisor ?? countingSupervisor());
  const { url } = await pipeline.start();
  return { ...pipeline, url, webSocketUrl: `${url.replace('http:', 'ws:')}/ws`, lines };
}

/** Emits as many steps as the request says (`5`), each after `between`, then an answer. */
export function countingSupervisor(between: () => Promise<void> = async () => {}): Supervisor {
  return {
    async run(context, means) {
      for (let step = 1; step <= Number(context.request); step++) {
        await emitStep(means, step);
        await between();
      }
      await means.emit('run_completed', 'supervisor', {
        status: 'complete',
        report: { steps: Number(context.request) },
        account: [],
        missing: [],
        model: 'none',
      });
    },
  };
}

/** A gate that a test opens. */
export function openable(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

function emitStep(means: RunMeans, step: number): Promise<void> {
  return means.emit('agent_thinking', 'triage', {
    status: 'thinking',
    reasoning: `step ${step}`,
    step_number: step,
  });
}

/** A token (HS256), good for an hour unless `claims` say otherwise. */
export function tokenFor(
  sub: string,
  claims: Record<string, unknown> = {},
  signing: { readonly key?: string; readonly alg?: string } = {},
): string {
  const now = Math.floor(systemClock.now() / 1000);
  const head = base64url({ alg: signing.alg ?? 'HS256', typ: 'JWT' });
  const body = base64url({ sub, aud: audience, iat: now, exp: now + 3600, ...claims });
  if (signing.alg === 'none') return `${head}.${body}.`;
  const signature = createHmac('sha256', signing.key ?? secret)
    .update(`${head}.${body}`)
    .digest('base64url');
  return `${head}.${body}.${signature}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export interface SeenMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A client that remembers what it saw. */
export class TestClient {
  readonly socket: WebSocket;
  readonly seen: SeenMessage[] = [];
  readonly #waiting = new Set<() => void>();
  closed: { readonly code: number; readonly reason: string } | null = null;

  constructor(url: string, token: string, options: { readonly origin?: string } = {}) {
    this.socket = new WebSocket(url, [`jwt.${token}`, 'agent.v1'], options);
    this.socket.on('message', (data) => {
      this.seen.push(JSON.parse(data.toString()) as SeenMessage);
      this.#changed();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
  }

  static async open(pipeline: TestPipeline, user: string): Promise<TestClient> {
    const client = new TestClient(pipeline.webSocketUrl, tokenFor(user));
    await client.until((message) => message.type === 'connection_established');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  start(run: string, request = '3', thread = 'thread-1'): void {
    this.send({ type: 'start_agent', run_id: run, thread_id: thread, payload: { user_request: request } });
  }

  /** The first message that `is` true of, seen or still to come; rejects when the connection closes first. */
  until(is: (message: SeenMessage) => boolean): Promise<SeenMessage> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.seen.find(is);
        if (found === undefined && this.closed === null) return;
        this.#waiting.delete(look);
        if (found === undefined) reject(new Error(`closed: ${JSON.stringify(this.closed)}`));
        else resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The run's last event. */
  end(run: string): Promise<SeenMessage> {
    return this.until(
      ({ type, run_id }) => run_id === run && (type === 'run_completed' || type === 'run_failed'),
    );
  }

  async gone(): Promise<{ readonly code: number; readonly reason: string }> {
    if (this.closed === null) await once(this.socket, 'close');
    return this.closed as { readonly code: number; readonly reason: string };
  }

  /** Sequence numbers of the run's events, as they came. */
  sequences(run: string): number[] {
    return this.seen
      .filter((message) => message.run_id === run && typeof message.sequence === 'number')
      .map((message) => message.sequence as number);
  }

  async leave(): Promise<void> {
    this.socket.terminate();
    await this.gone();
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }
}
