import type { AgentName, AgentSucceeded } from '../../src/agents/agent.ts';
import type { Codec } from '../../src/codec/codec.ts';
import type { Parts } from '../../src/parts.ts';
import type { RunStates } from '../../src/state/run-state.ts';
import { deepCopyEngine } from './deep-copy-engine.ts';
import { keepingResults, type LiveResults } from './live-results.ts';

/** The deep-copying engine; what it returns of a dirty result is the dirty result. */
export function returningDirtyResults(createHealthy: Parts['createEngine']): Parts['createEngine'] {
  return (means) => {
    const live: LiveResults = new Map();
    const registry = keepingResults(means.registry, live);
    const engine = deepCopyEngine(createHealthy)({ ...means, registry });
    return {
      async run(step) {
        const outcome = await engine.run(step);
        if (!outcome.ok || outcome.account.length === 0 || !live.has(step.agent)) return outcome;
        return { ...outcome, data: live.get(step.agent) as AgentSucceeded['data'] };
      },
    };
  };
}

/** The clean copy of a dirty result is stored, under a name at which nobody looks. */
export function storingCleanCopyBeside(states: RunStates, codec: Codec): RunStates {
  return {
    open(context) {
      const state = states.open(context);
      return {
        save: (outcome) => {
          if (!outcome.ok || outcome.account.length === 0) return state.save(outcome);
          const agent = `${outcome.agent}_sanitized` as AgentName;
          return state.save({ ...outcome, agent, data: codec.decode(codec.encode(outcome.data).text) });
        },
      };
    },
  };
}
