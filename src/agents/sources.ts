import type { AgentSource } from '../execution/places/room-words.ts';
import type { AgentName } from './agent.ts';

/** Where the agents of production are made, for places that cannot be handed a class. */
export const agentSources: Readonly<Record<AgentName, AgentSource>> = {
  triage: sourceOf('triage', 'TriageAgent'),
  data: sourceOf('data', 'DataAgent'),
  data_helper: sourceOf('data-helper', 'DataHelperAgent'),
  optimization: sourceOf('optimization', 'OptimizationAgent'),
  actions: sourceOf('actions', 'ActionsAgent'),
  reporting: sourceOf('reporting', 'ReportingAgent'),
};

/** The built file beside this one, or its source. */
function sourceOf(file: string, exported: string): AgentSource {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return { module: new URL(`./${file}${extension}`, import.meta.url).href, export: exported };
}
