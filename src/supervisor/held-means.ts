import type { AgentMeans, ModelMessage } from '../agents/agent.ts';
import type { Codec } from '../codec/codec.ts';
import type { RunLedger } from '../execution/run-ledger.ts';

/** What an event holds beside the words that an agent shows: its text has more fields, and somebody waits for it. */
const eventBytes = 500;

/**
 * The same means; what the agent is given by them is held by its run until the turn is over, a prompt for as long as
 * the model takes, and what the agent shows until that is durable: an agent need not wait for it. `held`: takes what
 * lets go of the turn's at its end.
 */
export function heldMeans(
  given: AgentMeans,
  ledger: RunLedger,
  codec: Codec,
  held: (() => void)[],
): AgentMeans {
  const untilTurnEnds = (bytes: number): void => {
    held.push(ledger.hold(bytes));
  };
  const show = async (reasoning: string): Promise<void> => {
    // An agent in this process may show anything: what is no number would count as nothing for ever.
    const letGo = ledger.hold(String(reasoning).length + eventBytes);
    try {
      await given.emit.thinking(reasoning);
    } finally {
      letGo();
    }
  };
  return {
    emit: {
      thinking(reasoning) {
        const shown = show(reasoning);
        // The agent may let go of it; the ledger has stopped the run.
        shown.catch(() => {});
        return shown;
      },
    },
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

/** In characters of text: most of it is one byte each. */
function bytesOf(message: ModelMessage): number {
  return message.content.length;
}
