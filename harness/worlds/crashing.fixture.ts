import type { Agent, AgentInput, AgentMeans } from '../../src/agents/agent.ts';
import type { Parts } from '../../src/parts.ts';
import type { Defect } from '../scenario.ts';

/** A pipeline whose triage, asked to, leaves a rejection that nobody handles: for the conformance suite. */
const crashing: Defect = {
  name: 'crashing',
  kind: 'as-reported',
  story:
    'Caught is not handled: the caller gets its answer, and the process dies of a promise that it dropped.',
  breaks: [],
  passes: [],
  parts(healthy: Parts): Parts {
    const Healthy = healthy.agents.triage;
    class CrashingTriage implements Agent {
      static readonly agentName = 'triage';
      readonly #healthy = new Healthy();

      run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
        if (input.request.startsWith('crash')) void Promise.reject(new TypeError('nobody handles this'));
        return this.#healthy.run(input, means, signal);
      }

      dispose(): void {
        this.#healthy.dispose?.();
      }
    }
    return { ...healthy, agents: { ...healthy.agents, triage: CrashingTriage } };
  },
};

export default [crashing];
