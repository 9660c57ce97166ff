import type { AgentOutcome } from '../agents/agent.ts';
import type { UserExecutionContext } from '../context/context.ts';

/** Keeps what runs have found so far. */
export interface RunStates {
  open(context: UserExecutionContext): RunState;
}

/** The state of one run. */
export interface RunState {
  /** Adds an outcome and saves all so far. Rejects when the store fails. */
  save(outcome: AgentOutcome): Promise<void>;
}
