import { eventsOf, type History } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** Something that the pipeline lacked when it was started. */
export interface Lack {
  readonly dependency: string;
  readonly seq: number;
  readonly at: number;
  /** When it was there; infinity where it never was. */
  readonly until: number;
}

/** What was lacking from the start on, in order. */
export const lacksOf: (history: History) => Lack[] = once((history) => {
  const ended = new Map(eventsOf(history, 'fault-ended').map(({ fault, at }) => [fault, at]));
  return eventsOf(history, 'fault-fired').flatMap(({ fate, fault, seq, at }) => {
    const asked = objectOf(fate);
    const dependency = textOf(asked, 'dependency');
    if (textOf(asked, 'do') !== 'lack' || dependency === undefined) return [];
    return [{ dependency, seq, at, until: ended.get(fault) ?? Number.POSITIVE_INFINITY }];
  });
});
