import type { CaseAction } from '../case.ts';

export type AskAction = Extract<CaseAction, { do: 'ask' }>;

/** How a user goes about connecting and asking. */
export interface Conduct {
  /** Connects anew; what was asked and has not ended goes on there. Resolves when connected, or given up. */
  connect(): Promise<void>;
  /** Resolves true when the run has ended, false when it is known not to. */
  ask(action: AskAction): Promise<boolean>;
  /** Drops the connection without a word. */
  leave(): void;
  /** Says goodbye. */
  close(): Promise<void>;
}
