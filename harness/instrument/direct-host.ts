import type { Director, Meeting } from '../director.ts';
import type { Recorder } from '../history.ts';
import type { Message } from '../message.ts';
import type { Decision, InsideHost } from './inside-host.ts';

/** The wrappers' host where the play's director is in the same thread. */
export function directHost(director: Director, recorder: Recorder): InsideHost {
  const meetings = new Map<number, Meeting>();
  let met = 0;
  const about = (meeting: number, then: (meeting: Meeting) => void): void => {
    const found = meetings.get(meeting);
    if (found !== undefined) then(found);
  };
  return {
    meet: (draft) =>
      new Promise((resolve) => {
        const meeting = director.meet(draft);
        met += 1;
        meetings.set(met, meeting);
        const decision = decisionOf(director, meeting, met);
        meeting.whenDue(() => resolve(decision));
      }),
    fired: (meeting) => about(meeting, (met) => met.fired()),
    poisoned: (meeting, index) => about(meeting, ({ message }) => director.poisoned(message, index)),
    passed: (meeting) => {
      about(meeting, ({ message }) => director.passed(message));
      meetings.delete(meeting);
    },
    record: (draft) => {
      recorder.record(draft);
    },
  };
}

/** What the director decided, as the plain data that a wrapper needs; `meeting` is the number it goes by. */
export function decisionOf(director: Director, { message, fate }: Meeting, meeting: number): Decision {
  return { meeting, fate, poison: poisonOf(director, message) };
}

function poisonOf(director: Director, message: Message): Decision['poison'] {
  if (message.direction !== 'reply') return [];
  return director
    .poisonFor(message)
    .map(({ index, contamination: { path, recipe } }) => ({ index, path, recipe }));
}
