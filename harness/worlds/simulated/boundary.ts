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
  bringEach<T>(outside: AsyncIterable<T>): AsyncIterable<T> {
    const items = outside[Symbol.asyncIterator]();
    const brought: AsyncIterator<T> = {
      next: () => this.bring(items.next()),
      return: () => items.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    };
    return { [Symbol.asyncIterator]: () => brought };
  }

  #inside(run: () => void): void {
    if (!this.#realm.alive) return;
    if (this.#kernel.enter(this.#realm)) run();
    else this.#kernel.schedule(0, run, this.#realm);
  }
}
