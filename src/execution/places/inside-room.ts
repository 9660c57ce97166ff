import type { Agent, AgentMeans, ModelAnswer, ToolOutcome } from '../../agents/agent.ts';
import { cleanJsonCodec } from '../../codec/clean-json.ts';
import { codeOf, PipelineError } from '../../errors.ts';
import { encodeResult } from './place.ts';
import type { AgentSource, FromRoom, ToRoom } from './room-words.ts';

/** The way out of a room. */
export interface RoomDoor {
  tell(text: string): void;
}

/** Makes an agent from its source. */
export type MakeAgent = (source: AgentSource) => Promise<Agent>;

/**
 * The other side of a room: makes an agent from its source, runs one turn after the other, encodes what comes
 * of it, and asks the gateway for all that an agent may use. Gives what is to be called for each text heard.
 */
export function serveRoom(door: RoomDoor, make: MakeAgent = importedAgent): (text: string) => void {
  const calls = new Map<number, { settle(value: unknown): void; refuse(thrown: PipelineError): void }>();
  let called = 0;
  const tell = (message: FromRoom): void => door.tell(JSON.stringify(message));
  const ask = <T>(question: (call: number) => FromRoom): Promise<T> => {
    const answer = new Promise<T>((resolve, reject) => {
      called += 1;
      calls.set(called, { settle: (value) => resolve(value as T), refuse: reject });
      tell(question(called));
    });
    // An agent may let go of the promise; a rejection that nobody handles would end the room.
    answer.catch(() => {});
    return answer;
  };
  const means: AgentMeans = {
    model: { complete: (request) => ask<ModelAnswer>((call) => ({ did: 'ask-model', call, request })) },
    tools: {
      call: (name, args, id) =>
        ask<ToolOutcome>((call) => ({
          did: 'call-tool',
          call,
          name,
          args,
          ...(id === undefined ? {} : { id }),
        })),
    },
    emit: { thinking: (reasoning) => ask<void>((call) => ({ did: 'think', call, reasoning })) },
  };

  function take(message: ToRoom): void {
    if (message.do === 'run') {
      void turn(message, make, means, tell).then(tell);
      return;
    }
    const waiting = calls.get(message.call);
    calls.delete(message.call);
    if (message.do === 'settle') waiting?.settle(message.value);
    else
      waiting?.refuse(
        new PipelineError(message.code, message.detail === undefined ? {} : { detail: message.detail }),
      );
  }

  tell({ did: 'load' });
  return (text) => take(JSON.parse(text) as ToRoom);
}

async function turn(
  { source, agent, input }: Extract<ToRoom, { do: 'run' }>,
  make: MakeAgent,
  means: AgentMeans,
  tell: (message: FromRoom) => void,
): Promise<FromRoom> {
  let instance: Agent | undefined;
  try {
    instance = await make(source);
    tell({ did: 'create' });
    // Who is out of time is ended together with the room: nobody has to be asked to stop.
    const result = await instance.run(input, means, new AbortController().signal);
    const { text, account } = encodeResult(cleanJsonCodec, agent, result);
    return {
      did: 'return',
      text,
      account: [...account].map(({ path, ...rest }) => ({ path: [...path], ...rest })),
    };
  } catch (thrown) {
    const detail = thrown instanceof PipelineError ? thrown.detail : undefined;
    return {
      did: 'fail',
      code: codeOf(thrown, 'AGENT_FAILED'),
      ...(detail === undefined ? {} : { detail: detail.slice(0, 1_000) }),
      told: toldOf(thrown),
    };
  } finally {
    if (instance !== undefined) tell(dispose(instance));
  }
}

/** As its module exports it. */
export async function importedAgent(source: AgentSource): Promise<Agent> {
  const exported = (await import(source.module)) as Record<string, unknown>;
  const Class = exported[source.export] as { new (options?: unknown): Agent };
  return new Class(source.options);
}

function dispose(instance: Agent): FromRoom {
  try {
    instance.dispose?.();
    return { did: 'dispose' };
  } catch (thrown) {
    return { did: 'dispose', told: toldOf(thrown) };
  }
}

/** What was thrown, in words for the log; anything can be thrown, also what cannot be read. */
function toldOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return text.slice(0, 10_000);
  } catch {
    return 'what was thrown cannot be read';
  }
}
