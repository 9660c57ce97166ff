import { eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { deathsOf } from './reading/deaths.ts';
import type { RunFrame } from './reading/frames.ts';
import { textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { runStoriesOf } from './reading/run-stories.ts';
import { visitsOf } from './reading/visits.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/** Clocks are read a moment before and after. */
const roundingMs = 50;

/**
 * Of connections: one whose client takes part and that no fault met does not end without a word. Of agents:
 * one that is said to have taken too long really had the promised time, by the pipeline's own clock, whatever
 * it met meanwhile.
 */
export const noLivingOneIsDeclaredDead: Invariant = {
  name: 'no-living-one-is-declared-dead',
  promise: 'bounds',
  says: 'No living peer or agent is declared dead before its time.',
  check(history) {
    const judgement = new Judgement();
    judgePeers(judgement, history);
    judgeAgents(judgement, history);
    return judgement.finding();
  },
};

function judgePeers(judgement: Judgement, history: History): void {
  const faults = wireFaultsOf(history);
  // A process that dies takes its connections with it; who sees that first is a matter of chance.
  const hasDied = deathsOf(history).length > 0;
  for (const { user, connection, knocked, welcome, closed, silent } of visitsOf(history)) {
    if (welcome === undefined || closed === undefined || silent !== undefined) continue;
    if (hasDied && closed.by === 'other') continue;
    if (knocked === undefined && faults.some((fault) => metConnectionOf(fault, user))) continue;
    judgement.checked();
    if (closed.by === 'user' || closed.reason !== '') continue;
    judgement.broken({
      why: `${connection} lived, and was let go without a word (${closed.code})`,
      shownBy: [closed.seq],
      place: `peer/${closed.code}`,
    });
  }
}

function judgeAgents(judgement: Judgement, history: History): void {
  const boundMs = eventsOf(history, 'case-started')[0]?.bounds.agentMs;
  for (const { user, run, seen, logged } of runStoriesOf(history)) {
    const begun = new Map<string, RunFrame>();
    for (const frame of inOrder([...logged, ...seen])) {
      if (frame.type === 'agent_started') begun.set(frame.agent, frame);
      if (frame.type !== 'agent_completed') continue;
      if (textOf(frame.payload, 'code') !== 'AGENT_TIMEOUT') {
        judgement.checked();
        continue;
      }
      const start = begun.get(frame.agent);
      const tookMs = start === undefined ? Number.NaN : timeOf(frame) - timeOf(start);
      if (boundMs === undefined || Number.isNaN(tookMs)) {
        judgement.unsure(`${user}'s ${run}: it is not known how long ${frame.agent} had`);
        continue;
      }
      judgement.checked();
      if (tookMs >= boundMs - roundingMs) continue;
      judgement.broken({
        why: `${user}'s ${run}: ${frame.agent} was declared dead after ${tookMs} ms; it had ${boundMs} ms`,
        shownBy: start === undefined ? [frame.seq] : [start.seq, frame.seq],
        place: `agent/${frame.agent}`,
      });
    }
  }
}

/** Each event once, by its number. */
function inOrder(frames: readonly RunFrame[]): RunFrame[] {
  return [...new Map(frames.map((frame) => [frame.sequence, frame])).values()].sort(
    (a, b) => a.sequence - b.sequence,
  );
}

function timeOf({ frame }: RunFrame): number {
  return Date.parse(textOf(frame, 'timestamp') ?? '');
}
