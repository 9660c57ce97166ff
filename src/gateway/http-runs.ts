import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PipelineConfig } from '../config.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Outlet } from '../delivery/outlet.ts';
import { PipelineError } from '../errors.ts';
import { type ServerNotice, startAgent } from '../messages.ts';
import type { Metrics } from '../metrics.ts';
import { readAs } from './read-message.ts';
import type { Runs } from './runs.ts';

const startRun = startAgent.omit({ type: true });

/**
 * `POST /runs`: the same run as over the WebSocket, its messages as the lines of the response (NDJSON) until
 * it ends. A client that leaves early can resume the run over a WebSocket. Rejects with the refusal while
 * nothing was answered.
 */
export async function serveRun(
  request: IncomingMessage,
  response: ServerResponse,
  options: {
    readonly userId: string;
    readonly limits: PipelineConfig['limits'];
    readonly runs: Runs;
    readonly delivery: Delivery;
    readonly metrics: Metrics;
    /** The request is here whole: its deadline is over. */
    readonly onBody: () => void;
  },
): Promise<void> {
  const { limits } = options;
  const body = await bodyOf(request, limits.messageBytes);
  options.onBody();
  const asked = readAs(startRun, body, limits.jsonDepth);
  const outlet = new ResponseOutlet(response, options);
  response.once('close', () => options.delivery.detach(outlet));
  const { done } = await options.runs.start(outlet, {
    runId: asked.run_id,
    threadId: asked.thread_id,
    request: asked.payload.user_request,
  });
  await done;
  options.delivery.detach(outlet);
  response.end();
}

class ResponseOutlet implements Outlet {
  readonly userId: string;
  readonly #response: ServerResponse;
  readonly #sendBufferBytes: number;
  readonly #metrics: Metrics;

  constructor(
    response: ServerResponse,
    options: {
      readonly userId: string;
      readonly limits: PipelineConfig['limits'];
      readonly metrics: Metrics;
    },
  ) {
    this.userId = options.userId;
    this.#response = response;
    this.#sendBufferBytes = options.limits.sendBufferBytes;
    this.#metrics = options.metrics;
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  get unsent(): number {
    return this.#response.writableLength;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    // What waits already counts, not this message: the largest event there is can be sent.
    if (this.#response.writableLength > this.#sendBufferBytes) {
      this.tooSlow();
      return;
    }
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, {
        Connection: 'close',
        'Content-Type': 'application/x-ndjson',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      });
    }
    this.#response.write(`${text}\n`);
  }

  tooSlow(): void {
    this.#metrics.peerLost('slow');
    this.#response.destroy();
  }

  notify(notice: ServerNotice): void {
    this.send(JSON.stringify(notice));
  }

  flushed(): Promise<void> {
    if (!this.isOpen || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#response.once('drain', resolve);
      this.#response.once('close', resolve);
    });
  }
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The stream stays whole, since the answer goes out on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new PipelineError('MESSAGE_TOO_LARGE');
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    throw new PipelineError('MESSAGE_MALFORMED', { detail: 'the body broke off', cause: thrown });
  }
  return Buffer.concat(chunks).toString();
}
