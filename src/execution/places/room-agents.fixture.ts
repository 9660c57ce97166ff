import type { Agent, AgentInput, AgentMeans } from '../../agents/agent.ts';
import { PipelineError } from '../../errors.ts';

/** An agent that does what its options say, in whatever place it is made. */
export class RoomAgent implements Agent {
  readonly #does: string;

  constructor(options: { does: string }) {
    this.#does = options.does;
  }

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    switch (this.#does) {
      case 'work': {
        await means.emit.thinking('in a room');
        const { text } = await means.model.complete({ messages: [{ role: 'user', content: input.request }] });
        const tool = await means.tools.call('a-tool', { a: [1, { b: null }] }, 'id-1');
        return { text, tool, live: () => 1, secret: process.env.ROOM_SECRET ?? 'none' };
      }
      case 'count': {
        const kept = globalThis as { turns?: number };
        kept.turns = (kept.turns ?? 0) + 1;
        return { turns: kept.turns };
      }
      case 'throw':
        throw new TypeError('broken inside');
      case 'throw-code':
        throw new PipelineError('MODEL_TIMEOUT', { detail: 'of the agent' });
      case 'model-fails':
        return { text: await means.model.complete({ messages: [] }) };
      case 'lets-go':
        void means.model.complete({ messages: [] });
        await means.tools.call('a-tool', {});
        return { well: true };
      case 'long-name':
        return means.tools.call('n'.repeat(300), {}, 'i'.repeat(300));
      case 'linger':
        setTimeout(() => void means.emit.thinking('still here'), 20);
        return { well: true };
      case 'flood':
        for (let i = 0; i < 100; i++) void means.tools.call('a-tool', {});
        return new Promise(() => {});
      default:
        return undefined;
    }
  }

  dispose(): void {
    if (this.#does === 'count') throw new Error('stuck');
  }
}
