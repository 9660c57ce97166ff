import { eventsOf, type Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { carriedValuesOf, whereabouts } from './reading/carried-values.ts';
import { describe, pathInWords, placeOf } from './reading/differences.ts';
import { framesOf } from './reading/frames.ts';
import { Judgement } from './reading/judgement.ts';
import { metConnectionOf, wireFaultsOf } from './reading/wire-faults.ts';

/**
 * Judged against what was really returned: where no poison was put, a value has its twin's type and no
 * further keys; where poison was put, anything goes that is data, but no object turned into text.
 */
export const storedAndSentValuesAreClean: Invariant = {
  name: 'stored-and-sent-values-are-clean',
  promise: 'sanitisation',
  says: 'What is cached, stored, sent to a user or a model or handed to an agent is clean data as returned.',
  check(history) {
    const judgement = new Judgement();
    const { values, illegible } = carriedValuesOf(history);
    for (const carried of values) {
      judgement.checked();
      for (const difference of carried.differences) {
        const stringified = objectAsText(difference.found);
        const offShape =
          difference.recipe === undefined &&
          (difference.damage === 'type changed' || difference.damage === 'added');
        if (!stringified && !offShape) continue;
        const what = stringified
          ? `${pathInWords(difference.path)}: an object turned into text stands where data belongs`
          : describe(difference);
        judgement.broken({
          why: `${whereabouts(carried)}: ${what}`,
          shownBy: [carried.twin.seq, carried.seq],
          place: `${carried.road}/${carried.producer}/${placeOf(difference.path)}`,
        });
      }
    }
    for (const value of illegible) {
      judgement.checked();
      judgement.broken({
        why: `${whereabouts(value)}: ${value.why}`,
        shownBy: [value.seq],
        place: `${value.road}/${value.producer}/(${value.what})`,
      });
    }
    for (const { seq, user, run, agent, live } of eventsOf(history, 'agent-asked')) {
      judgement.checked();
      if (live !== true) continue;
      judgement.broken({
        why: `${user}'s ${run}: ${agent} was handed a live object where data belongs`,
        shownBy: [seq],
        place: `input/${agent}/(live)`,
      });
    }
    const faults = wireFaultsOf(history);
    for (const { seq, user, why } of framesOf(history).unreadable) {
      judgement.checked();
      if (faults.some((fault) => fault.does === 'garble' && fault.seq < seq && metConnectionOf(fault, user)))
        continue;
      judgement.broken({ why: `a message to ${user} ${why}`, shownBy: [seq], place: 'events/(unreadable)' });
    }
    return judgement.finding();
  },
};

/** What engines write in place of an object, a function or a module that has no text of its own. */
const remains =
  /\[object [A-Z]|\[(Function|AsyncFunction|GeneratorFunction|class|Circular|Getter|Module)\b|<(module|function|Buffer|ref)\b|Symbol\(|^\s*(async\s+)?function\b.*[{(]|^\s*(async\s*)?\([^)]*\)\s*=>|^\s*class\s+\w*\s*(extends\s+\w+\s*)?\{/;

function objectAsText(value: Json | undefined): boolean {
  if (typeof value === 'string') return remains.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value)
    ? value.some(objectAsText)
    : Object.entries(value).some(([key, item]) => remains.test(key) || objectAsText(item));
}
