import type { AgentInput, AgentName, AgentOutcome } from '../agents/agent.ts';
import type { UserExecutionContext } from '../context/context.ts';

/** One agent's turn in a run. */
export interface Step {
  readonly agent: AgentName;
  readonly assignment: string;
  readonly context: UserExecutionContext;
  /** The outcomes handed to this agent. */
  readonly results: AgentInput['results'];
  /** Aborted when the run is cancelled or out of time. */
  readonly signal: AbortSignal;
}

/**
 * Runs one agent for one step: a fresh instance, shown to the user from start to end, bounded in time,
 * its result encoded where it ran and held against its contract. Never rejects but with STORE_UNAVAILABLE
 * (an event that cannot be made durable ends the run): an agent's failure is an outcome.
 */
export interface Engine {
  run(step: Step): Promise<AgentOutcome>;
}
