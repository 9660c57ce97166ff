import { eventsOf } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { endsRun, type RunFrame } from './reading/frames.ts';
import { textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * Every call that a tool really received is told to the user, begun and ended; the failure of its agent or
 * of its run ends it too. Where the user could not see all (left, gave up, a broken wire), the run's log is
 * judged.
 */
export const everyToolCallIsShown: Invariant = {
  name: 'every-tool-call-is-shown',
  promise: 'delivery',
  says: 'Every tool call is shown to its user when it begins and when it has ended.',
  check(history) {
    const judgement = new Judgement();
    const faults = wireFaultsOf(history);
    const shown = new Map<string, Shown>();
    for (const story of runStoriesOf(history)) {
      const blind =
        story.gaveUp !== undefined ||
        !story.seen.some(endsRun) ||
        faults.some((fault) => metConnectionOf(fault, story.user));
      shown.set(`${story.user} ${story.run}`, readShown(story, blind));
    }
    for (const call of eventsOf(history, 'tool-called')) {
      const told = shown.get(`${call.user} ${call.run}`);
      const begun = told?.begun.get(call.call);
      const ended = told?.ended.get(call.call);
      if (told?.blind !== false && (begun === undefined || ended === undefined) && !told?.logEnds) continue;
      judgement.checked();
      const where = `${call.user}'s ${call.run}: the call ${call.call} of ${call.tool}`;
      const broken = (why: string, place: string): void =>
        judgement.broken({
          why: `${where} ${why}`,
          shownBy: [call.seq, ...[begun?.seq, ended?.seq].filter((seq) => seq !== undefined)],
          place: `${call.tool}/${place}`,
        });
      if (begun === undefined) broken('was never shown', '(not begun)');
      else if (textOf(begun.payload, 'tool_name') !== call.tool)
        broken('was shown as another tool', '(misnamed)');
      else if (ended === undefined && told?.failed.has(begun.agent) !== true && told?.runFailed !== true)
        broken('was never shown to have ended', '(not ended)');
    }
    return judgement.finding();
  },
};

interface Shown {
  readonly begun: Map<string, RunFrame>;
  readonly ended: Map<string, RunFrame>;
  /** Agents that were shown to have failed. */
  readonly failed: Set<string>;
  readonly runFailed: boolean;
  /** The user may have missed something: what is not shown may be unknown. */
  readonly blind: boolean;
  /** The log is known from its beginning to its end: the store lost nothing of it. */
  readonly logEnds: boolean;
}

function readShown({ seen, logged }: RunStory, blind: boolean): Shown {
  const begun = new Map<string, RunFrame>();
  const ended = new Map<string, RunFrame>();
  const failed = new Set<string>();
  let runFailed = false;
  for (const frame of blind ? [...seen, ...logged] : seen) {
    const call = textOf(frame.payload, 'call_id') ?? '';
    if (frame.type === 'tool_executing') begun.set(call, frame);
    else if (frame.type === 'tool_completed') ended.set(call, frame);
    else if (frame.type === 'agent_completed' && textOf(frame.payload, 'status') === 'failed')
      failed.add(frame.agent);
    else if (frame.type === 'run_failed') runFailed = true;
  }
  return { begun, ended, failed, runFailed, blind, logEnds: logged.some(endsRun) && hasBeginning(logged) };
}

/** A store that lost its data lost the beginning of the log. */
function hasBeginning(logged: readonly RunFrame[]): boolean {
  return logged.some(({ sequence }) => sequence === 1);
}
