import type { Invariant } from '../invariant.ts';
import { endsRun, framesOf, type RunFrame } from './reading/frames.ts';
import { fieldOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { runStoriesOf } from './reading/run-stories.ts';
import { type Stretch, stretchesOf } from './reading/stretches.ts';
import { metConnectionOf, type WireFault, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * Sequence numbers run 1, 2, 3… for each run, and the events tell a whole story: an agent is started, thinks,
 * calls tools in pairs, and is completed; nothing follows the end. A gap is excused by a fault on the user's
 * wire before it, or by a notice that owns up to it; a story with an excused gap is not judged further. An
 * event that came already is told by its number, and breaks no order.
 */
export const theFiveEventsArriveInOrder: Invariant = {
  name: 'the-five-events-arrive-in-order',
  promise: 'delivery',
  says: 'The events of a run arrive whole and in order: started, thinking, tools in pairs, completed, end.',
  check(history) {
    const judgement = new Judgement();
    const faults = wireFaultsOf(history);
    const lost = framesOf(history).notices.filter((notice) => notice.type === 'events_lost');
    const gaps = new Set<string>();
    const highest = new Map<string, number>();
    for (const stretch of stretchesOf(history)) {
      const key = `${stretch.user} ${stretch.run}`;
      const reached = highest.get(key) ?? 0;
      const result = judgeStretch(judgement, stretch, reached, (frame) => {
        const ownedUp = lost.some(
          (notice) =>
            notice.user === frame.user &&
            notice.run === frame.run &&
            notice.seq < frame.seq &&
            Number(fieldOf(notice.frame, 'available_from')) >= frame.sequence,
        );
        return ownedUp || faults.some((fault) => mayLose(fault, frame));
      });
      if (result.gap) gaps.add(key);
      highest.set(key, Math.max(reached, result.highest));
    }
    for (const { user, run, seen } of runStoriesOf(history)) {
      if (seen.length > 0 && !gaps.has(`${user} ${run}`)) judgeStory(judgement, seen);
    }
    return judgement.finding();
  },
};

/** Follows the numbers within a stretch; the first may repeat or follow what earlier stretches reached. */
function judgeStretch(
  judgement: Judgement,
  { frames }: Stretch,
  reached: number,
  excused: (frame: RunFrame) => boolean,
): { readonly gap: boolean; readonly highest: number } {
  const have = new Set<number>();
  /** The one with the highest number so far. */
  let top: RunFrame | undefined;
  let gap = false;
  for (const frame of frames) {
    judgement.checked();
    const { user, run, sequence, type, seq } = frame;
    if (have.has(sequence)) continue;
    have.add(sequence);
    const expected = (top?.sequence ?? reached) + 1;
    const shownBy = top === undefined ? [seq] : [top.seq, seq];
    if (sequence > expected) {
      gap = true;
      if (!excused(frame))
        judgement.broken({
          why: `${user}'s ${run}: event ${sequence} (${type}) came where ${expected} was due`,
          shownBy,
          place: `${type}/(gap)`,
        });
    } else if (top !== undefined && sequence < top.sequence && !excused(frame)) {
      judgement.broken({
        why: `${user}'s ${run}: event ${sequence} (${type}) came after ${top.sequence} (${top.type})`,
        shownBy,
        place: `${type}/(step back)`,
      });
    } else if (!Number.isInteger(sequence) || sequence < 1) {
      judgement.broken({
        why: `${user}'s ${run}: ${type} has the sequence number ${sequence}`,
        shownBy,
        place: `${type}/(number)`,
      });
    }
    if (top === undefined || sequence > top.sequence) top = frame;
  }
  const highest = top?.sequence ?? 0;
  return { gap, highest };
}

/** Whether the fault can have taken away, or changed the place of, an event before this one. */
function mayLose(fault: WireFault, frame: RunFrame): boolean {
  return (
    fault.seq < frame.seq &&
    metConnectionOf(fault, frame.user) &&
    (fault.run === undefined || fault.run === frame.run) &&
    fault.does !== 'delay' &&
    fault.does !== 'hold'
  );
}

/** The grammar of a run, over its events by number, each once. */
function judgeStory(judgement: Judgement, seen: readonly RunFrame[]): void {
  const bySequence = new Map<number, RunFrame>();
  for (const frame of seen) if (!bySequence.has(frame.sequence)) bySequence.set(frame.sequence, frame);
  const frames = [...bySequence.values()].sort((left, right) => left.sequence - right.sequence);
  const working = new Map<string, Set<string>>();
  /** Calls that were open when their agent failed: their end may still be told. */
  const abandoned = new Set<string>();
  let completed = 0;
  let end: RunFrame | undefined;
  const wrong = (frame: RunFrame, what: string, place: string): void => {
    const { user, run, agent, type, sequence, seq } = frame;
    judgement.broken({
      why: `${user}'s ${run}: ${type} of ${agent} (event ${sequence}) ${what}`,
      shownBy: [seq],
      place: `${type}/${place}`,
    });
  };
  for (const frame of frames) {
    const { type, agent, payload } = frame;
    if (end !== undefined) wrong(frame, `came after the end, ${end.type}`, '(after the end)');
    const calls = working.get(agent);
    const call = textOf(payload, 'call_id');
    switch (type) {
      case 'agent_started':
        if (calls !== undefined) wrong(frame, 'came though the agent was at work', '(started twice)');
        working.set(agent, new Set());
        break;
      case 'agent_thinking':
        if (calls === undefined) wrong(frame, 'came though the agent was not at work', '(not at work)');
        break;
      case 'tool_executing':
        if (calls === undefined) wrong(frame, 'came though the agent was not at work', '(not at work)');
        if (call === undefined) wrong(frame, 'names no call', '(no call)');
        else if (calls?.has(call)) wrong(frame, 'was told twice', '(begun twice)');
        else calls?.add(call);
        break;
      case 'tool_completed':
        if (call === undefined) wrong(frame, 'names no call', '(no call)');
        else if (calls?.delete(call) !== true && !abandoned.delete(`${agent} ${call}`))
          wrong(frame, 'ends a call that the agent had not begun', '(never begun)');
        break;
      case 'agent_completed': {
        if (calls === undefined) wrong(frame, 'came though the agent was not at work', '(never started)');
        const failed = textOf(payload, 'status') === 'failed';
        if (failed) for (const open of calls ?? []) abandoned.add(`${agent} ${open}`);
        else if (calls !== undefined && calls.size > 0)
          wrong(frame, 'came though a tool call was still open', '(open call)');
        working.delete(agent);
        completed++;
        break;
      }
      case 'run_completed':
        if (working.size > 0)
          wrong(frame, `came though ${[...working.keys()].join(', ')} was at work`, '(agents at work)');
        if (completed === 0) wrong(frame, 'came though no agent was at work before it', '(no agents)');
        break;
      case 'run_failed':
        break;
      default:
        wrong(frame, 'is no event of a run', '(unknown)');
    }
    if (endsRun(frame)) end ??= frame;
  }
}
