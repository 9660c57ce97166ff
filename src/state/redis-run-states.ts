import type { Redis } from 'ioredis';
import type { AgentName } from '../agents/agent.ts';
import { outcomeText } from '../agents/outcome-text.ts';
import type { Codec } from '../codec/codec.ts';
import type { Keys } from '../keys.ts';
import type { RunStates } from './run-state.ts';

export interface RedisRunStatesOptions {
  readonly redis: Pick<Redis, 'set'>;
  readonly keys: Keys;
  readonly codec: Codec;
  readonly expiryS: number;
}

/** One key for each run: `{"v":1,"phase":…,"outcomes":{agent: outcome}}`; the phase is the agent that ended last. */
export function createRedisRunStates({ redis, keys, codec, expiryS }: RedisRunStatesOptions): RunStates {
  return {
    open({ userId, runId }) {
      const key = keys.state(userId, runId);
      // Each outcome is written as text once, however often the state is saved.
      const texts = new Map<AgentName, string>();
      return {
        async save(outcome) {
          texts.set(outcome.agent, outcomeText(codec, outcome));
          // Added up, not joined: what is joined is copied, and copied again as it is sent.
          let outcomes = '';
          for (const [agent, text] of texts) outcomes += `${outcomes === '' ? '' : ','}"${agent}":${text}`;
          await redis.set(key, `{"v":1,"phase":"${outcome.agent}","outcomes":{${outcomes}}}`, 'EX', expiryS);
        },
      };
    },
  };
}
