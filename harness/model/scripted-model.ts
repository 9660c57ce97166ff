import { type AgentName, agentNames } from '../../src/agents/agent.ts';
import type { ModelScript } from '../case.ts';
import { rollFor, tokenFor } from '../dice.ts';
import { answers } from './answers.ts';

/** Who asks: the header `X-Client-Request-Id` of a call, `<user>/<run>/<agent>/<n>`. */
export interface ModelCaller {
  readonly user: string;
  readonly run: string;
  readonly agent: AgentName;
  /** 1, 2, 3… among the requests of this agent in this run. */
  readonly n: number;
}

/** The caller by the header's value; null for a header that names none. */
export function readCaller(header: string | undefined): ModelCaller | null {
  const parts = callerForm.exec(header ?? '');
  const agent = agentNames.find((name) => name === parts?.[3]);
  if (parts === null || agent === undefined) return null;
  return { user: parts[1] ?? '', run: parts[2] ?? '', agent, n: Number(parts[4]) };
}

export interface PlannedAnswer {
  /** The stream (server-sent events of `chat.completion.chunk`s), in the pieces in which it is sent. */
  readonly chunks: readonly string[];
  /** In the answer, and known to nobody but the model. */
  readonly proof: string;
}

/** What a run's script says where the case has none. */
export const usualScript: Pick<ModelScript, 'sufficiency' | 'chunks'> = {
  sufficiency: 'sufficient',
  chunks: 3,
};

/**
 * The model's whole answer to one call: an object that the agent's contract accepts, cut into
 * `script.chunks` pieces by dice. It depends on the seed, the caller and the script alone.
 */
export function planAnswer(
  caller: ModelCaller,
  script: Pick<ModelScript, 'sufficiency' | 'chunks'>,
  seed: number,
  model: string,
): PlannedAnswer {
  const name = `${caller.user}/${caller.run}/${caller.agent}/${caller.n}`;
  const proof = tokenFor(seed, `proof/${name}`);
  const text = JSON.stringify({ ...answers[caller.agent]({ script, seed, name }), proof });
  const event = eventsOf(`chatcmpl-${tokenFor(seed, `completion/${name}`)}`, model);
  const parts = cutByDice(text, script.chunks, seed, `cut/${name}`);
  const chunks = parts.map((part) => event(`{"content":${JSON.stringify(part)}}`, 'null'));
  const last = chunks.length - 1;
  chunks[0] = event('{"role":"assistant","content":""}', 'null') + (chunks[0] ?? '');
  chunks[last] = `${chunks[last] ?? ''}${event('{}', '"stop"')}data: [DONE]\n\n`;
  return { chunks, proof };
}

const callerForm =
  /^([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\/([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\/([a-z_]{1,40})\/([1-9]\d{0,8})$/;

/** 2025-09-11T14:13:20Z, in seconds: a model's clock is nobody's business here. */
const created = 1_757_600_000;

function eventsOf(id: string, model: string): (delta: string, finish: string) => string {
  const head = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)},"choices":[{"index":0,"delta":`;
  return (delta, finish) => `${head}${delta},"finish_reason":${finish}}]}\n\n`;
}

function cutByDice(text: string, pieces: number, seed: number, name: string): string[] {
  const places: number[] = [];
  for (let i = 1; i < pieces; i++) places.push(Math.floor(rollFor(seed, `${name}/${i}`) * text.length));
  places.sort((a, b) => a - b);
  places.push(text.length);
  let from = 0;
  return places.map((to) => {
    const piece = text.slice(from, to);
    from = to;
    return piece;
  });
}
