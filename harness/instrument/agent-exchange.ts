import type { AgentInput, AgentName } from '../../src/agents/agent.ts';
import type { EventDraft, Json, Poisoned } from '../history.ts';
import type { Misbehaviour } from '../misbehaviour.ts';
import type { Exchange } from './exchange.ts';
import { plainCopy } from './plain-copy.ts';

/** What an agent does: its work, or what it was told to do in place of it. */
interface Turn {
  readonly signal: AbortSignal;
  carryOut(): Promise<unknown>;
  misbehave(fate: Misbehaviour): Promise<unknown>;
}

/** What one turn of an agent is on the agent wire, and in a history. */
export class AgentExchange implements Exchange {
  readonly wire = 'agent';
  readonly kind: AgentName;
  readonly user: string;
  readonly run: string;
  readonly signal: AbortSignal;
  readonly #actor: string;
  readonly #input: AgentInput;
  readonly #turn: Turn;

  constructor(agent: AgentName, input: AgentInput, turn: Turn) {
    this.kind = agent;
    this.user = input.user_id;
    this.run = input.run_id;
    this.signal = turn.signal;
    this.#actor = `agent:${agent}`;
    this.#input = input;
    this.#turn = turn;
  }

  carryOut(): Promise<unknown> {
    return this.#turn.carryOut();
  }

  misbehave(fate: Misbehaviour): Promise<unknown> {
    return this.#turn.misbehave(fate);
  }

  asked(): EventDraft {
    const { kind: agent, user, run } = this;
    const { json: input, plain } = plainCopy(this.#input);
    const asked = { actor: this.#actor, user, run, agent, type: 'agent-asked', input } as const;
    return plain ? asked : { ...asked, live: true };
  }

  returned(clean: Json, poisoned: readonly Poisoned[]): EventDraft {
    const { kind: agent, user, run } = this;
    return { actor: this.#actor, user, run, agent, type: 'agent-returned', clean, poisoned };
  }

  failed(code: string): EventDraft {
    const { kind: agent, user, run } = this;
    return { actor: this.#actor, user, run, agent, type: 'agent-failed', code };
  }
}
