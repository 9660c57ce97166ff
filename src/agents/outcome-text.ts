import type { Codec } from '../codec/codec.ts';
import type { AgentOutcome } from './agent.ts';

/** An outcome as JSON text, put together from that of its data, which the codec may know already. */
export function outcomeText(codec: Codec, outcome: AgentOutcome): string {
  if (!outcome.ok) return codec.encode(outcome).text;
  const { agent, data, account, cached_from } = outcome;
  const origin = cached_from === undefined ? '' : `,"cached_from":${JSON.stringify(cached_from)}`;
  return `{"agent":"${agent}","ok":true,"data":${codec.encode(data).text},"account":${codec.encode(account).text}${origin}}`;
}
