import type { Alteration, Codec } from '../codec/codec.ts';
import type { Json } from '../json.ts';
import type { AgentOutcome } from './agent.ts';

/** An outcome as JSON text, put together from that of its data. */
export function outcomeText(codec: Codec, outcome: AgentOutcome): string {
  if (!outcome.ok) return codec.encode(outcome).text;
  const { agent, data, account, cached_from } = outcome;
  const origin = cached_from === undefined ? '' : `,"cached_from":${JSON.stringify(cached_from)}`;
  return `{"agent":"${agent}","ok":true,"data":${dataText(codec, data)},"account":${accountText(codec, account)}${origin}}`;
}

/** An account as JSON text: nearly always there is nothing in it. */
export function accountText(codec: Codec, account: readonly Alteration[]): string {
  return account.length === 0 ? '[]' : codec.encode(account).text;
}

/** The data of an outcome as JSON text, which the codec may know already. */
export function dataText(codec: Codec, data: Json): string {
  return codec.textOf?.(data) ?? codec.encode(data).text;
}
