import type { Agent, AgentInput, AgentMeans } from '../../src/agents/agent.ts';
import type { Defect } from '../scenario.ts';

/** A version of the pipeline that does the same, and can be told by its words. */
const older: Defect = {
  name: 'older',
  kind: 'as-reported',
  story: 'Triage says of itself that it is an older one.',
  breaks: [],
  passes: [],
  parts(healthy) {
    const { triage: Triage } = healthy.agents;
    class OlderTriage implements Agent {
      static readonly agentName = 'triage';

      async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
        await means.emit.thinking('as the older version does');
        return new Triage().run(input, means, signal);
      }
    }
    return { ...healthy, agents: { ...healthy.agents, triage: OlderTriage } };
  },
};

export default { scenarios: [], defects: [older] };
