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
  /** When a start in its place was not refused, ms; infinity where none was. */
  readonly until: number;
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
  const exits = eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'refused');
  const refused = new Set(exits.map(({ process, instance }) => `${process} ${instance}`));
  const starts = eventsOf(history, 'process-started').filter(
    ({ process, instance }) => !refused.has(`${process} ${instance}`),
  );
  return exits.map((exit) => {
    const next = starts.find(
      ({ process, seq }) => seq > exit.seq && placeOf(process) === placeOf(exit.process),
    );
    const said = refusals.get(`${exit.process} ${exit.instance}`);
    const names = said?.names ?? [];
    const unexplained = names.filter(
      (name) => !lacked.some((each) => each.name === name && each.seq < exit.seq),
    );
    return {
      exit,
      said,
      unexplained,
      isExplained: names.length > 0 && unexplained.length === 0,
      until: next?.at ?? Number.POSITIVE_INFINITY,
    };
  });
});

/** Another version takes the place of the one before. */
function placeOf(process: string): string | undefined {
  return process.split('@')[0];
}
