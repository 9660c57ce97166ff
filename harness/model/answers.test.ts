import { describe, expect, it } from 'vitest';
import { type AgentInput, type AgentMeans, agentNames } from '../../src/agents/agent.ts';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';
import { judgeContract } from '../../src/contracts/contracts.ts';
import { createHealthyParts } from '../../src/healthy-parts.ts';
import { answers } from './answers.ts';
import { createUsage } from './usage.ts';

const parts = createHealthyParts(createUsage(3));
const signal = new AbortController().signal;
const input: AgentInput = {
  user_id: 'alice',
  thread_id: 't',
  run_id: 'run-1',
  request: 'why',
  assignment: 'full_report',
  results: {},
};

describe.each(['sufficient', 'partial', 'insufficient', 'unknown'] as const)(
  'with %s data',
  (sufficiency) => {
    it.each(agentNames)('%s makes a result on contract out of what the model says', async (name) => {
      const answer = {
        ...answers[name]({ script: { sufficiency }, seed: 3, name: `alice/run-1/${name}/1` }),
        proof: 'p',
      };
      const result = await new parts.agents[name]().run(input, means(JSON.stringify(answer)), signal);
      const { text, account } = cleanJsonCodec.encode(result);
      const data = cleanJsonCodec.decode(text);
      expect(account).toEqual([]);
      expect(judgeContract(name, data, account)).toEqual([]);
      expect(data).toMatchObject({ metadata: { model_proof: 'p' } });
    });
  },
);

function means(text: string): AgentMeans {
  return {
    model: { complete: async () => ({ text, toolCalls: [] }) },
    emit: { thinking: async () => {} },
    tools: {
      call: async (name, args, callId = 'call') => {
        const tool = parts.tools.find((candidate) => candidate.name === name);
        if (tool === undefined) return { ok: false, tool: name, code: 'TOOL_UNKNOWN' };
        const result = await tool.run(args, { userId: 'alice', runId: 'run-1', callId }, signal);
        const { text: encoded, account } = cleanJsonCodec.encode(result);
        return { ok: true, tool: name, data: cleanJsonCodec.decode(encoded), account };
      },
    },
  };
}
