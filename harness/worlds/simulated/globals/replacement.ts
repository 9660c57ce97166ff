/** Puts properties in the place of others and remembers how to undo it. */
export class Replacements {
  readonly #undo: (() => void)[] = [];

  /** Replaces `target[key]` by a plain value. */
  set(target: object, key: PropertyKey, value: unknown): void {
    this.define(target, key, { value, writable: true, configurable: true });
  }

  define(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
    const before = Object.getOwnPropertyDescriptor(target, key);
    Object.defineProperty(target, key, { enumerable: before?.enumerable ?? true, ...descriptor });
    this.#undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, key);
      else Object.defineProperty(target, key, before);
    });
  }

  /** Puts everything back, the last first. */
  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
}
