import { describe, expect, it } from 'vitest';
import type { Agent } from './agent.ts';
import { AgentClassRegistry, createAgentRegistry } from './registry.ts';

class Triage implements Agent {
  static readonly agentName = 'triage';
  seen = 0;

  async run(): Promise<unknown> {
    this.seen += 1;
    return this.seen;
  }
}

describe('a registry of agent classes', () => {
  it('makes an instance for each turn, and keeps none', async () => {
    const registry = new AgentClassRegistry().register('triage', Triage).freeze();
    const first = registry.fresh('triage');
    await first.run(undefined as never, undefined as never, undefined as never);
    expect(registry.fresh('triage')).toMatchObject({ seen: 0 });
  });

  it('takes nothing any more once it is frozen, and no name twice', () => {
    const registry = new AgentClassRegistry().register('triage', Triage);
    expect(() => registry.register('triage', Triage)).toThrow('the agent triage: the name is taken');
    registry.freeze();
    expect(() => registry.register('data', Triage as never)).toThrow('the registry is frozen');
  });

  it('is frozen as the pipeline has it, and says which agent it does not know', () => {
    const registry = createAgentRegistry({ triage: Triage } as never);
    expect(() => registry.fresh('data')).toThrow('the agent data: no class is registered');
    expect(() => (registry as AgentClassRegistry).register('data', Triage as never)).toThrow('frozen');
  });
});
