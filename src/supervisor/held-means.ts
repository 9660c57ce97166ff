import type { AgentMeans, ModelMessage } from '../agents/agent.ts';
import type { Codec } from '../codec/codec.ts';
import type { RunLedger } from '../execution/run-ledger.ts';

/**
 * The same means; what the agent is given by them is held by its run until the turn is over, and a prompt for
 * as long as the model takes.
 */
export function heldMeans(given: AgentMeans, ledger: RunLedger, codec: Codec, turn: AbortSignal): AgentMeans {
  const held: (() => void)[] = [];
  const untilTurnEnds = (bytes: number): void => {
    held.push(ledger.hold(bytes));
  };
  turn.addEventListener('abort', () => letGoOf(held), { once: true });
  return {
    emit: given.emit,
    model: {
      async complete(request) {
        const letGo = ledger.hold(request.messages.reduce((sum, message) => sum + bytesOf(message), 0));
        try {
          const answer = await given.model.complete(request);
          untilTurnEnds(answer.text.length);
          return answer;
        } finally {
          letGo();
        }
      },
    },
    tools: {
      async call(name, args, callId) {
        const outcome = await given.tools.call(name, args, callId);
        if (outcome.ok) untilTurnEnds(codec.textOf?.(outcome.data)?.length ?? 0);
        return outcome;
      },
    },
  };
}

function letGoOf(held: (() => void)[]): void {
  for (const letGo of held.splice(0)) letGo();
}

/** In characters of text: most of it is one byte each. */
function bytesOf(message: ModelMessage): number {
  return message.content.length;
}
