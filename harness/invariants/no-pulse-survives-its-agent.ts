import type { Invariant } from '../invariant.ts';
import { type JsonObject, objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type Visit, visitsOf } from './reading/visits.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * On each connection: no sign of life of an agent after the agent, or its run, was seen to end. Whose messages
 * changed places on their way is not judged.
 */
export const noPulseSurvivesItsAgent: Invariant = {
  name: 'no-pulse-survives-its-agent',
  promise: 'bounds',
  says: 'No sign of life of an agent is told after the agent has ended.',
  check(history) {
    const judgement = new Judgement();
    const swapped = wireFaultsOf(history).filter(({ does }) => does === 'reorder');
    for (const visit of visitsOf(history)) {
      if (swapped.some((fault) => metConnectionOf(fault, visit.user))) {
        if (visit.seen.some(({ frame }) => isPulse(objectOf(frame))))
          judgement.unsure(`messages to ${visit.user} changed places`);
      } else judge(judgement, visit);
    }
    return judgement.finding();
  },
};

function judge(judgement: Judgement, { user, connection, seen }: Visit): void {
  /** Where each agent and each run was seen to end. */
  const ended = new Map<string, number>();
  for (const { seq, frame: json } of seen) {
    const frame = objectOf(json);
    const run = textOf(frame, 'run_id');
    const agent = textOf(frame, 'agent_name');
    if (run === undefined) continue;
    if (isPulse(frame)) {
      judgement.checked();
      const end = ended.get(run) ?? ended.get(`${run} ${agent}`);
      if (end === undefined) continue;
      judgement.broken({
        why: `${user}'s ${run}: ${connection} was told that ${agent} is at work, though it had ended`,
        shownBy: [end, seq],
        place: `pulse/${agent}`,
      });
      continue;
    }
    const type = textOf(frame, 'type');
    if (type === 'agent_started') ended.delete(`${run} ${agent}`);
    else if (type === 'agent_completed') ended.set(`${run} ${agent}`, seq);
    else if (type === 'run_completed' || type === 'run_failed') ended.set(run, seq);
  }
}

function isPulse(frame: JsonObject | undefined): boolean {
  return textOf(frame, 'type') === 'agent_heartbeat';
}
