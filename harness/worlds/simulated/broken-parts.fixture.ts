import type { Agent, AgentClass, AgentInput, AgentMeans } from '../../../src/agents/agent.ts';
import type { Parts } from '../../../src/parts.ts';
import type { Defect } from '../../scenario.ts';

/** Ways in which an agent can take its whole process along, for tests of the world. */
const defects: Defect[] = [
  broken('rejects unheard', () => {
    void Promise.reject(Object.assign(new Error('nobody listens'), { code: 'NOBODY_LISTENS' }));
  }),
  broken('throws in a tick', () => {
    process.nextTick(() => {
      throw new RangeError('out of nowhere');
    });
  }),
  broken('throws in a timer', () => {
    setTimeout(() => {
      throw new TypeError('too late');
    }, 5);
  }),
  broken('spins', () => {
    for (;;);
  }),
  broken('spins in virtual time', () => {
    const again = (): void => {
      setImmediate(again);
    };
    again();
  }),
];
export default defects;

/** A data agent that does this for alice before it works. */
function broken(name: string, misdeed: () => void): Defect {
  return {
    name,
    kind: 'as-reported',
    story: 'Made up.',
    breaks: [],
    passes: [],
    parts: (healthy: Parts): Parts => ({
      ...healthy,
      agents: { ...healthy.agents, data: misbehaving(healthy.agents.data, misdeed) },
    }),
  };
}

function misbehaving(Healthy: AgentClass, misdeed: () => void): AgentClass {
  return class implements Agent {
    static readonly agentName = Healthy.agentName;
    readonly #healthy = new Healthy();

    async run(input: AgentInput, means: AgentMeans, signal: AbortSignal): Promise<unknown> {
      if (input.user_id === 'alice') misdeed();
      return this.#healthy.run(input, means, signal);
    }
  };
}
