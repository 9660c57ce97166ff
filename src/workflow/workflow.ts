import type { AgentInput, AgentName, AgentOutcome } from '../agents/agent.ts';
import { firstPlace, type Place, pathAfter } from './paths.ts';

/** What a workflow needs of the run that it is for. */
export interface WorkflowMeans {
  /** Runs one agent in its place. */
  run(place: Place, results: AgentInput['results']): Promise<AgentOutcome>;
  /** Shows an agent that is not run, because another's result is missing. */
  skip(place: Place, because: AgentName): Promise<AgentOutcome>;
  /** True once the run is to stop: no further agent is started. */
  isOver(): boolean;
}

/** Outcomes by agent, in the order in which they came. */
export type Outcomes = ReadonlyMap<AgentName, AgentOutcome>;

/**
 * Runs the agents one after the other: triage, then the path that triage leads to. An agent that failed
 * stops only those that need its result; the others go on with what is known.
 */
export async function runWorkflow(means: WorkflowMeans): Promise<Outcomes> {
  const outcomes = new Map<AgentName, AgentOutcome>();
  const triage = await means.run(firstPlace, {});
  outcomes.set('triage', triage);
  for (const place of pathAfter(triage)) {
    if (means.isOver()) break;
    const { agent, needs } = place;
    const isMissing = needs !== undefined && outcomes.get(needs)?.ok !== true;
    outcomes.set(
      agent,
      isMissing ? await means.skip(place, needs) : await means.run(place, handedTo(place, outcomes)),
    );
  }
  return outcomes;
}

function handedTo({ given }: Place, outcomes: Outcomes): AgentInput['results'] {
  const handed: { [agent in AgentName]?: AgentOutcome } = {};
  for (const agent of given) {
    const outcome = outcomes.get(agent);
    if (outcome !== undefined) handed[agent] = outcome;
  }
  return handed;
}
