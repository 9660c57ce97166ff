import type { Kernel, Realm } from './kernel.ts';

/**
 * The border of a realm for promises: what settles outside is let in as an event of the realm, and never
 * once the realm is dead. So everything that follows an `await` belongs to who awaited.
 */
export class Boundary {
  readonly #kernel: Kernel;
  readonly #realm: Realm;

  constructor(kernel: Kernel, realm: Realm) {
    this.#kernel = kernel;
    this.#realm = realm;
  }

  bring<T>(outside: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      outside.then(
        (value) => this.#inside(() => resolve(value)),
        (thrown) => this.#inside(() => reject(thrown)),
      );
    });
  }

  /** The same for each item of a stream. */
  async *bringEach<T>(outside: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = outside[Symbol.asyncIterator]();
    let finished = false;
    try {
      for (;;) {
        const next = await this.bring(iterator.next());
        if (next.done === true) {
          finished = true;
          return;
        }
        yield next.value;
      }
    } finally {
      if (!finished) await iterator.return?.();
    }
  }

  #inside(run: () => void): void {
    if (!this.#realm.alive) return;
    if (this.#kernel.enter(this.#realm)) run();
    else this.#kernel.schedule(0, run, this.#realm);
  }
}
