import type { Case } from '../../case.ts';
import type { Examination, ExaminationRequest } from '../../explore/examination.ts';
import type { History } from '../../history.ts';
import type { DefectReference } from '../../world.ts';

/** What the pool asks of a worker: one job at a time. */
export type Job =
  | {
      readonly do: 'play';
      readonly playing: Case;
      readonly defect?: DefectReference;
      readonly module?: string;
    }
  | { readonly do: 'examine'; readonly playing: Case; readonly request: ExaminationRequest };

/** What a worker says: `ready` once, then one answer for each job. */
export type Answer =
  | { readonly is: 'ready' }
  | { readonly is: 'played'; readonly history: History }
  | { readonly is: 'examined'; readonly examination: Examination }
  | { readonly is: 'failed'; readonly failure: Failure };

/** An error as plain data; `kind` only where it was a HarnessError. */
export interface Failure {
  readonly kind?: 'usage' | 'environment' | 'internal';
  readonly message: string;
  readonly remedy?: string;
  readonly stack?: string;
}
