import type { Finding } from '../../invariant.ts';
import type { Violation } from '../../verdict.ts';

/** Collects what one invariant finds in one history. */
export class Judgement {
  /** By place: what broke twice at one place is one failure, and the first shows it. */
  readonly #violations = new Map<string, Violation>();
  #doubt: string | undefined;
  #checked = 0;

  /** `count` more things were judged. */
  checked(count = 1): void {
    this.#checked += count;
  }

  broken(violation: Violation): void {
    if (!this.#violations.has(violation.place)) this.#violations.set(violation.place, violation);
  }

  /** Something that had to be judged could not be. */
  unsure(why: string): void {
    this.#doubt ??= why;
  }

  finding(): Finding {
    const checked = this.#checked;
    if (this.#violations.size > 0) {
      const violations = [...this.#violations.values()];
      return { verdict: { is: 'broken', violations }, checked, coverage: 'exercised' };
    }
    if (this.#doubt !== undefined)
      return { verdict: { is: 'unsure', why: this.#doubt }, checked, coverage: 'exercised' };
    if (checked === 0)
      return { verdict: { is: 'unsure', why: 'nothing to judge' }, checked, coverage: 'not exercised' };
    return { verdict: { is: 'holds' }, checked, coverage: 'exercised' };
  }
}
