import type { History } from '../history.ts';
import type { Finding } from '../invariant.ts';

/** What came of playing and judging one case. */
export interface Examination {
  readonly findings: readonly { readonly invariant: string; readonly finding: Finding }[];
  readonly metrics: readonly { readonly name: string; readonly hits: number; readonly of: number }[];
  readonly faults: readonly { readonly name: string; readonly planned: number; readonly fired: number }[];
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
  /** Number of events in the history. */
  readonly events: number;
  /** SHA-256 over the history's NDJSON, hex: equal histories, equal hashes. */
  readonly hash: string;
  /** Only where it was asked for. */
  readonly history?: History;
  readonly twin?: History;
}

/** What to play and how to judge it, as plain data that a worker can be sent. */
export interface ExaminationRequest {
  /** File URL of the module that exports the scenario. */
  readonly module: string;
  readonly scenario: string;
  readonly defect?: { readonly module: string; readonly name: string };
  readonly keepHistory?: boolean;
}
