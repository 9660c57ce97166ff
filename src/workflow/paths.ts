import { type AgentName, type AgentOutcome, agentNames } from '../agents/agent.ts';
import { isJsonObject } from '../json.ts';

/** One agent's place in a path. */
export interface Place {
  readonly agent: AgentName;
  readonly assignment: string;
  /** Whose outcomes it is handed, as far as there are any. */
  readonly given: readonly AgentName[];
  /** Without this one's result it is not run at all. */
  readonly needs?: AgentName;
}

/** Where every run begins. */
export const firstPlace: Place = { agent: 'triage', assignment: 'triage', given: [] };

/** What follows triage, in order, by what triage says of the data. */
export const paths: Readonly<
  Record<'sufficient' | 'partial' | 'insufficient' | 'unknown', readonly Place[]>
> = {
  sufficient: [
    { agent: 'data', assignment: 'insights', given: ['triage'] },
    { agent: 'optimization', assignment: 'strategies', given: ['triage', 'data'], needs: 'data' },
    { agent: 'actions', assignment: 'implementation', given: ['optimization'], needs: 'optimization' },
    { agent: 'reporting', assignment: 'full_report', given: agentNames },
  ],
  partial: [
    { agent: 'data_helper', assignment: 'data_guidance', given: ['triage'] },
    { agent: 'data', assignment: 'partial_insights', given: ['triage'] },
    { agent: 'reporting', assignment: 'partial_report', given: agentNames },
  ],
  insufficient: [
    { agent: 'data_helper', assignment: 'data_collection_guide', given: ['triage'] },
    { agent: 'reporting', assignment: 'guidance_report', given: agentNames },
  ],
  unknown: [
    { agent: 'data_helper', assignment: 'initial_guidance', given: ['triage'] },
    { agent: 'reporting', assignment: 'fallback_report', given: agentNames },
  ],
};

/** The path that triage's outcome leads to. */
export function pathAfter(triage: AgentOutcome): readonly Place[] {
  if (!triage.ok) return paths.unknown;
  const word = isJsonObject(triage.data) ? triage.data.data_sufficiency : undefined;
  switch (word) {
    case 'sufficient':
    case 'partial':
    case 'insufficient':
    case 'unknown':
      return paths[word];
    default:
      // The contract lets through only what encoding altered: triage did say, and what it said is lost. To
      // look at the data then is better than to give up on it.
      return paths.sufficient;
  }
}
