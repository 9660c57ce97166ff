import { refusalsMax } from './start-refusal.ts';

/** A process that crashes again and again stays down. */
const endsMax = 10;

/** How often one process ended by itself: nobody starts it for ever. */
export class OwnEnds {
  #ends = 0;
  /** How often in a row it would not start. */
  #refusals = 0;

  /** What kills it is no fault of its own. */
  count(cause: 'crashed' | 'killed' | 'refused'): void {
    if (cause !== 'killed') this.#ends++;
    this.#refusals = cause === 'refused' ? this.#refusals + 1 : 0;
  }

  get areTooMany(): boolean {
    return this.#ends >= endsMax || this.#refusals >= refusalsMax;
  }
}
