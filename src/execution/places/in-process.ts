import type { Agent } from '../../agents/agent.ts';
import type { Encoded } from '../../codec/codec.ts';
import type { Place, PlacedTurn, RunPlace } from './place.ts';

/**
 * Runs agents in the gateway's own thread: cheap, and for trusted code alone. Nothing here can end an agent
 * that does not let go of the thread, takes all memory or ends the process.
 */
export function createInProcessPlace(): Place {
  const here: RunPlace = { run: runHere, close: () => {} };
  return { name: 'in-process', open: () => here, close: async () => {} };
}

async function runHere(turn: PlacedTurn): Promise<Encoded> {
  const { input, means, signal } = turn;
  let instance: Agent | undefined;
  try {
    instance = turn.fresh();
    turn.lived('created');
    const result = await instance.run(input, means, signal);
    // A result that comes too late is nobody's any more.
    if (signal.aborted) throw signal.reason;
    return turn.encode(result);
  } finally {
    dispose(turn, instance);
  }
}

function dispose(turn: PlacedTurn, instance: Agent | undefined): void {
  if (instance === undefined) return;
  try {
    instance.dispose?.();
  } catch (thrown) {
    turn.disposeFailed(thrown);
  }
  turn.lived('disposed');
}
