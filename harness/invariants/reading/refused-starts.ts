import { type EventOf, eventsOf, type History } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';
import { wireFaultsOf } from './wire-faults.ts';

/** A process that would not start. */
export interface RefusedStart {
  readonly exit: EventOf<'process-exited'>;
  /** Where it said what it lacks. */
  readonly said: EventOf<'start-refused'> | undefined;
  /** What it says it lacks, though nothing was done to that before. */
  readonly unexplained: readonly string[];
  /** It said what it lacks, and was right in all of it. */
  readonly isExplained: boolean;
}

/** The starts that were refused, in order: what they lacked is what was lacking from the start on, or because of what befell Redis or the model. */
export const refusedStartsOf: (history: History) => RefusedStart[] = once((history) => {
  const lacked: { readonly name: string; readonly seq: number }[] = [];
  for (const { fate, seq } of eventsOf(history, 'fault-fired')) {
    const name = textOf(objectOf(fate), 'dependency');
    if (name !== undefined) lacked.push({ name, seq });
  }
  for (const { wire, seq } of wireFaultsOf(history)) lacked.push({ name: wire, seq });
  const refusals = new Map(
    eventsOf(history, 'start-refused').map((each) => [`${each.process} ${each.instance}`, each]),
  );
  return eventsOf(history, 'process-exited')
    .filter(({ cause }) => cause === 'refused')
    .map((exit) => {
      const said = refusals.get(`${exit.process} ${exit.instance}`);
      const names = said?.names ?? [];
      const unexplained = names.filter(
        (name) => !lacked.some((each) => each.name === name && each.seq < exit.seq),
      );
      return { exit, said, unexplained, isExplained: names.length > 0 && unexplained.length === 0 };
    });
});
