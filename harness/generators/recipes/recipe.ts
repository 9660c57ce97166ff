import type { Poisoned } from '../../history.ts';

/**
 * A live object by name, so that a case is data: `function` at a path of a result means the object that this
 * recipe makes. It has one fixed shape, told in words, so that a pipeline in another language can make the
 * same poison out of its own objects. Nothing in it depends on time, chance or the version of the
 * platform (not even the name of its class), and it leaves nothing behind: no timer, no socket, no rejection.
 *
 * `data`, `foreign`, `disguised` and `carries` say what must become of it, whatever carries it (`Poisoned`).
 */
export interface Recipe extends Omit<Poisoned, 'path' | 'recipe'> {
  readonly name: string;
  /** What it makes, so that anybody could make it again. */
  readonly shape: string;
  /**
   * True where it cannot be a result itself, only something in one: a promise would be awaited and a proxy
   * asked for its `then` before anybody sees the result, and `undefined` is no result at all.
   */
  readonly insideOnly?: true;
  make(context: RecipeContext): unknown;
}

/** Where the object goes, and whom it tells that its own code ran. */
export interface RecipeContext {
  /** The result as a whole, without the object. */
  readonly root: unknown;
  /** The object or list that will hold it; undefined where it replaces the whole. */
  readonly parent: unknown;
  /** Code of the object was run: which, in a word (`getter`, `toJSON`, `trap get`). */
  ran(code: string): void;
}
