import type { Agent, AgentInput, AgentMeans, AgentName } from '../../agents/agent.ts';
import type { Codec, Encoded } from '../../codec/codec.ts';
import { PipelineError } from '../../errors.ts';

/** Where agents can run: beside the gateway's own code, in a thread of their own, or in a process of their own. */
export const placeNames = ['in-process', 'worker', 'child'] as const;
export type PlaceName = (typeof placeNames)[number];

/** Runs agents, and encodes what they return where they ran: nothing live ever leaves a place. */
export interface Place {
  readonly name: PlaceName;
  /** Called once for each run, which shares its part of the place with no other. */
  open(): RunPlace;
  /** Ends everything that still runs in it. */
  close(): Promise<void>;
}

export interface RunPlace {
  /**
   * Runs one turn of one agent, and rejects with a PipelineError or with what the agent threw. What goes on
   * after `signal` was aborted is nobody's: a place that can end it does.
   */
  run(turn: PlacedTurn): Promise<Encoded>;
  /** The run is over: nothing of it stays. */
  close(): void;
}

/** One turn of one agent as a place is given it. */
export interface PlacedTurn {
  readonly agent: AgentName;
  readonly input: AgentInput;
  readonly means: AgentMeans;
  readonly signal: AbortSignal;
  /** An instance that served nobody before, for a place that runs it in this thread. */
  fresh(): Agent;
  /** Encodes what it returned, for such a place. */
  encode(result: unknown): Encoded;
  /** The instance was made, or let go of. */
  lived(stage: 'created' | 'disposed'): void;
  /** Letting go of the instance failed. */
  disposeFailed(thrown: unknown): void;
}

/** An agent's result as data. Throws AGENT_RETURNED_NOTHING. */
export function encodeResult(codec: Codec, agent: AgentName, result: unknown): Encoded {
  if (result === undefined || result === null) {
    throw new PipelineError('AGENT_RETURNED_NOTHING', { detail: agent });
  }
  return codec.encode(result);
}
