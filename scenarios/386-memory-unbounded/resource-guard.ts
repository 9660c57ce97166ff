import type { RunLedger, RunLedgerMeans } from '../../src/execution/run-ledger.ts';

/**
 * A guard that knows the limits and what each run holds, and that would have refused whoever asked it. What agents
 * do was written down with it, and nobody on their way asked.
 */
export class ResourceGuard {
  readonly #held = new Map<RunLedger, number>();

  ledgerOf({ mostBytes }: RunLedgerMeans): RunLedger {
    const ledger: RunLedger = {
      hold: (bytes) => {
        this.#change(ledger, bytes);
        return () => this.#change(ledger, -bytes);
      },
    };
    this.#limits.set(ledger, mostBytes);
    return ledger;
  }

  /** For whoever wants to know. */
  mayGoOn(ledger: RunLedger): boolean {
    return (this.#held.get(ledger) ?? 0) <= (this.#limits.get(ledger) ?? 0);
  }

  readonly #limits = new WeakMap<RunLedger, number>();

  #change(ledger: RunLedger, by: number): void {
    const held = (this.#held.get(ledger) ?? 0) + by;
    if (held > 0) this.#held.set(ledger, held);
    else this.#held.delete(ledger);
  }
}
