import type { Path } from '../../src/codec/codec.ts';

/**
 * One class of value that may turn up where data belongs, with its own statement of what a copy must be.
 * The statement knows no codec: every contender is judged by it alike.
 */
export interface ValueClass {
  readonly name: string;
  /**
   * - `data`: JSON text can say it, so it must come back as it was.
   * - `typed`: a copy is possible, to those who write down its type.
   * - `live`: no copy is possible; the best that can be done is to say so.
   */
  readonly kind: 'data' | 'typed' | 'live';
  /** A fresh one each time. Code of its own calls `ran` when it is run. */
  make(ran: () => void): unknown;
  /** True for a copy with the type and all that it held. */
  isFaithful(copy: unknown): boolean;
  /** True for a copy that is equal as data, though a trait is gone that is no data. Only for `data`. */
  isEqualAsData?(copy: unknown): boolean;
  /** True where all that the value said can be read from the copy, if in another form. */
  isReadable(copy: unknown): boolean;
  /** Where in the value is what JSON has no form for: the empty path is the value itself. May depend on where a copy was cut. */
  altered(copy: unknown): readonly Path[];
  /** True where all at other places is as it was. */
  isWholeElsewhere(copy: unknown): boolean;
}
