import type { HistoryEvent } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { endsRun, framesOf } from './reading/frames.ts';
import { Judgement } from './reading/judgement.ts';

/**
 * Once a run's end is on its way to the user, nobody works for it any more: no agent is begun, the model is asked
 * nothing, no tool is called. An agent that was given up and cannot be killed where it runs may still return;
 * what it returns is nobody's, and it may do nothing more.
 */
export const nothingOfARunOutlivesIt: Invariant = {
  name: 'nothing-of-a-run-outlives-it',
  promise: 'restart',
  says: 'When a run has ended, nobody works for it any more: no agent, no model call, no tool call.',
  check(history) {
    const judgement = new Judgement();
    const ends = new Map<string, number>();
    for (const { seq, user, run } of framesOf(history).seen.filter(endsRun)) {
      const key = `${user} ${run}`;
      if (ends.has(key)) continue;
      ends.set(key, seq);
      judgement.checked();
    }
    for (const event of history.events) {
      const work = workIn(event);
      if (work === null) continue;
      const end = ends.get(`${work.user} ${work.run}`);
      if (end === undefined || end > event.seq) continue;
      judgement.broken({
        why: `${work.user}'s ${work.run} had ended, and ${work.what}`,
        shownBy: [end, event.seq],
        place: work.place,
      });
    }
    return judgement.finding();
  },
};

interface Work {
  readonly user: string;
  readonly run: string;
  readonly what: string;
  readonly place: string;
}

function workIn(event: HistoryEvent): Work | null {
  switch (event.type) {
    case 'agent-asked': {
      const { user, run, agent } = event;
      return { user, run, what: `${agent} was put to work`, place: `agent/${agent}` };
    }
    case 'prompted': {
      const { user, run, agent } = event;
      return { user, run, what: `the model was asked for ${agent}`, place: `model/${agent}` };
    }
    case 'tool-called': {
      const { user, run, tool } = event;
      return { user, run, what: `${tool} was called`, place: `tool/${tool}` };
    }
    default:
      return null;
  }
}
