import type { Fetch, FetchInit, FetchReply } from '../../src/ports.ts';
import type { ModelSink, ScriptedModel } from './model-call.ts';

/**
 * A `fetch` that reaches the scripted model without a socket. It fails as the platform's does: an abort
 * rejects with the signal's reason, a broken connection with a TypeError whose cause has the error code.
 * In `underWay` stands, for each call that is not over, what breaks it off: for when the caller dies.
 */
export function createSimulatedFetch(model: ScriptedModel, underWay: Set<() => void> = new Set()): Fetch {
  // A program asks at few addresses, again and again.
  const paths = new Map<string, string>();
  const pathOf = (url: string): string => {
    const path = paths.get(url) ?? new URL(url).pathname;
    paths.set(url, path);
    return path;
  };
  return (url, init) =>
    new Promise((resolve, reject) => new Exchange(init, underWay, resolve, reject).start(model, pathOf(url)));
}

class Exchange implements ModelSink {
  readonly #init: FetchInit;
  readonly #underWay: Set<() => void>;
  readonly #resolve: (reply: FetchReply) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #body = new Body(() => this.#leave());
  #abandon: () => void = () => {};
  #answered = false;

  constructor(
    init: FetchInit,
    underWay: Set<() => void>,
    resolve: (reply: FetchReply) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#init = init;
    this.#underWay = underWay;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(model: ScriptedModel, path: string): void {
    const { signal } = this.#init;
    if (signal?.aborted === true) {
      this.#reject(signal.reason);
      return;
    }
    signal?.addEventListener('abort', this.#aborted, { once: true });
    this.#underWay.add(this.#leave);
    this.#abandon = model.call(
      {
        path,
        caller: headerOf(this.#init.headers, 'x-client-request-id'),
        body: this.#init.body ?? '',
      },
      this,
    );
  }

  status(code: number, headers: { readonly [name: string]: string }): void {
    this.#answered = true;
    this.#resolve({
      status: code,
      headers: { get: (name) => headerOf(headers, name) ?? null },
      body: this.#body,
      text: async () => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of this.#body) chunks.push(chunk);
        return Buffer.concat(chunks).toString('utf8');
      },
    });
  }

  chunk(bytes: Buffer): void {
    this.#body.push(bytes);
  }

  end(): void {
    this.#over();
    this.#body.end();
  }

  break(code: string): void {
    this.#over();
    // In the body the platform has one code for all that can happen to the connection.
    if (this.#answered) this.#body.fail(networkError('terminated', 'UND_ERR_SOCKET'));
    else this.#reject(networkError('fetch failed', code));
  }

  readonly #aborted = (): void => {
    const reason = this.#init.signal?.reason;
    this.#leave();
    if (this.#answered) this.#body.discard(reason);
    else this.#reject(reason);
  };

  /** The caller reads no further. */
  readonly #leave = (): void => {
    this.#over();
    this.#abandon();
  };

  #over(): void {
    this.#init.signal?.removeEventListener('abort', this.#aborted);
    this.#underWay.delete(this.#leave);
  }
}

/** The bytes of a body, for one reader. */
class Body implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #leave: () => void;
  readonly #chunks: Uint8Array[] = [];
  #end: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #reader: { resolve(result: IteratorResult<Uint8Array>): void; reject(reason: unknown): void } | undefined;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#reader === undefined) this.#chunks.push(chunk);
    else this.#reader.resolve({ done: false, value: chunk });
    this.#reader = undefined;
  }

  end(): void {
    this.#close({ failed: false });
  }

  /** It breaks off behind what has come. */
  fail(reason: unknown): void {
    this.#close({ failed: true, reason });
  }

  /** Nothing more of it is read. */
  discard(reason: unknown): void {
    this.#chunks.length = 0;
    this.fail(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
    const end = this.#end;
    if (end === undefined) {
      return new Promise((resolve, reject) => {
        this.#reader = { resolve, reject };
      });
    }
    return end.failed ? Promise.reject(end.reason) : Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    if (this.#end === undefined) {
      this.end();
      this.#leave();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  #close(end: { readonly failed: boolean; readonly reason?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (end.failed) this.#reader?.reject(end.reason);
    else this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }
}

function networkError(message: string, code: string): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(code), { code }) });
}

function headerOf(headers: { readonly [name: string]: string }, name: string): string | undefined {
  const wanted = name.toLowerCase();
  if (Object.hasOwn(headers, wanted)) return headers[wanted];
  const found = Object.keys(headers).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : headers[found];
}
