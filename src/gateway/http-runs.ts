import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PipelineConfig } from '../config.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Outlet } from '../delivery/outlet.ts';
import { PipelineError } from '../errors.ts';
import { clientId, eventConfirmation, type ServerNotice, startAgent } from '../messages.ts';
import type { Metrics } from '../metrics.ts';
import type { Refusal } from '../refusal.ts';
import { readAs } from './read-message.ts';
import type { Runs } from './runs.ts';

const startRun = startAgent.omit({ type: true });
const confirmation = eventConfirmation.pick({ sequence: true });

export interface HttpRunOptions {
  readonly userId: string;
  /** What the token grants; absent: it says nothing of it. */
  readonly scopes?: readonly string[];
  readonly limits: PipelineConfig['limits'];
  readonly runs: Runs;
  readonly delivery: Delivery;
  readonly metrics: Metrics;
  /** The request is here whole: its deadline is over. */
  readonly onBody: () => void;
  /**
   * Counts an answer that goes on with its user's connections until the result is called; `end` is told why its token
   * is not good any more. Throws CONNECTION_LIMIT.
   */
  readonly openStream: (end: (refused: Refusal) => void) => () => void;
}

/**
 * `POST /runs`: the same run as over the WebSocket, its messages in the body of the response until it ends: as
 * lines (NDJSON), or as an event stream where the client accepts that. A client that leaves early can resume
 * the run by `GET /runs/<run>/events`, or over a WebSocket. Rejects with the refusal while nothing was answered.
 */
export async function serveRun(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpRunOptions,
): Promise<void> {
  const { limits } = options;
  const body = await bodyOf(request, limits.messageBytes);
  options.onBody();
  const asked = readAs(startRun, body, limits.jsonDepth);
  const outlet = new ResponseOutlet(response, { ...options, form: formFor(request) });
  // Who left meanwhile has no stream to count.
  const closeStream = outlet.isOpen ? options.openStream((refused) => outlet.end(refused)) : () => {};
  response.once('close', () => {
    closeStream();
    options.delivery.detach(outlet);
  });
  const { done } = await options.runs.start(outlet, {
    runId: asked.run_id,
    threadId: asked.thread_id,
    request: asked.payload.user_request,
    ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
  });
  await done;
  options.delivery.detach(outlet);
  response.end();
}

/** What `serveRun` answers with, and what follows it: null for another path. */
export function runOfPath(path: string): { readonly runId: string; readonly what: string } | null {
  const [, runs, runId = '', what = '', ...more] = path.split('/');
  return runs === 'runs' && more.length === 0 && clientId.validate(runId) ? { runId, what } : null;
}

/**
 * `GET /runs/<run>/events`: what follows the event that the client names, until the run ends; 204 where nothing
 * will. `Last-Event-ID`, which a client sends that had an event stream before, says what it has: that counts as
 * confirmed. Rejects with the refusal while nothing was answered.
 */
export async function serveEvents(
  request: IncomingMessage,
  response: ServerResponse,
  { runId, delivery, ...options }: HttpRunOptions & { readonly runId: string },
): Promise<void> {
  options.onBody();
  const { after, isConfirmed } = placeIn(request);
  const outlet = new ResponseOutlet(response, { ...options, form: formFor(request), runId });
  // Who left while the token was looked at has no stream to count.
  if (!outlet.isOpen) return;
  const closeStream = options.openStream((refused) => outlet.end(refused));
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  void gone.then(() => {
    closeStream();
    delivery.detach(outlet);
  });
  if (isConfirmed && after > 0) await delivery.confirm(outlet, runId, after);
  const hasEnded = await delivery.resume(outlet, runId, after);
  if (!hasEnded) {
    outlet.begin();
    await Promise.race([outlet.over, gone]);
  }
  delivery.detach(outlet);
  // An empty stream would be asked for again and again.
  if (!response.headersSent && outlet.isOpen) response.writeHead(204, { Connection: 'close' });
  response.end();
}

/** `POST /runs/<run>/confirmation`: every event up to `sequence` was received. */
export async function serveConfirmation(
  request: IncomingMessage,
  response: ServerResponse,
  { runId, delivery, ...options }: HttpRunOptions & { readonly runId: string },
): Promise<void> {
  const body = await bodyOf(request, options.limits.messageBytes);
  options.onBody();
  const { sequence } = readAs(confirmation, body, options.limits.jsonDepth);
  await delivery.confirm(new ResponseOutlet(response, { ...options, form: 'lines' }), runId, sequence);
  response.writeHead(204, { Connection: 'close' });
  response.end();
}

/** Lines of JSON, or Server-Sent Events whose id is the sequence number. */
type StreamForm = 'lines' | 'event-stream';

const contentTypes: { readonly [form in StreamForm]: string } = {
  lines: 'application/x-ndjson',
  'event-stream': 'text/event-stream',
};

function formFor({ headers }: IncomingMessage): StreamForm {
  return headers.accept?.includes(contentTypes['event-stream']) === true ? 'event-stream' : 'lines';
}

/** The last event that the client has, and whether its own event stream says so. */
function placeIn({ headers, url }: IncomingMessage): {
  readonly after: number;
  readonly isConfirmed: boolean;
} {
  const last = headers['last-event-id'];
  const text = last ?? new URLSearchParams((url ?? '').split('?', 2)[1] ?? '').get('after') ?? '0';
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text))
    throw new PipelineError('MESSAGE_MALFORMED', { detail: last === undefined ? 'after' : 'Last-Event-ID' });
  return { after: Number(text), isConfirmed: last !== undefined };
}

class ResponseOutlet implements Outlet {
  readonly userId: string;
  /** Resolves when nothing of the run will follow; never, where no run was named. */
  readonly over: Promise<void>;
  readonly #response: ServerResponse;
  readonly #form: StreamForm;
  readonly #runId: string | undefined;
  #isOver: () => void = () => {};
  /** The last sequence number that went out. */
  #newest = 0;
  readonly #sendBufferBytes: number;
  readonly #metrics: Metrics;

  constructor(
    response: ServerResponse,
    options: {
      readonly userId: string;
      readonly limits: PipelineConfig['limits'];
      readonly metrics: Metrics;
      readonly form: StreamForm;
      readonly runId?: string;
    },
  ) {
    this.userId = options.userId;
    this.#response = response;
    this.#sendBufferBytes = options.limits.sendBufferBytes;
    this.#metrics = options.metrics;
    this.#form = options.form;
    this.#runId = options.runId;
    this.over = new Promise((resolve) => {
      this.#isOver = resolve;
    });
  }

  /** The answer begins, though nothing may have come yet. */
  begin(): void {
    if (this.#response.headersSent || !this.isOpen) return;
    this.#response.writeHead(200, {
      Connection: 'close',
      'Content-Type': contentTypes[this.#form],
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    this.#response.flushHeaders();
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
    this.begin();
    const { type, sequence, run_id } = JSON.parse(text) as SentMessage;
    this.#response.write(this.#form === 'lines' ? `${text}\n` : this.#asEvent(text, type, sequence));
    const isEnd = type === 'run_completed' || type === 'run_failed' || type === 'error';
    if (isEnd && run_id === this.#runId) this.#isOver();
  }

  /** One that comes again says no id, or a client that comes back would ask for more than it lacks. */
  #asEvent(text: string, type: string, sequence: number | undefined): string {
    const isNews = sequence !== undefined && sequence > this.#newest;
    if (isNews) this.#newest = sequence;
    return `${isNews ? `id: ${sequence}\n` : ''}event: ${type}\ndata: ${text}\n\n`;
  }

  tooSlow(): void {
    this.#metrics.peerLost('slow');
    this.#response.destroy();
  }

  notify(notice: ServerNotice): void {
    this.send(JSON.stringify(notice));
  }

  /** The run goes on; nothing more of it comes here. */
  end(refused: Refusal): void {
    this.notify({ type: 'error', ...refused });
    this.#isOver();
    this.#response.end();
  }

  flushed(): Promise<void> {
    if (!this.isOpen || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#response.once('drain', resolve);
      this.#response.once('close', resolve);
    });
  }
}

interface SentMessage {
  readonly type: string;
  readonly sequence?: number;
  readonly run_id?: string;
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
