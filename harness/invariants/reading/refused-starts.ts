import { type EventOf, eventsOf, type History } from '../../history.ts';
import { lacksOf } from './lacks.ts';
import { once } from './once.ts';
import { returnsOf } from './returns.ts';
import { wireFaultsOf } from './wire-faults.ts';

/** A process that would not start. */
export interface RefusedStart {
  readonly exit: EventOf<'process-exited'>;
  /** When it was started, ms; 0 where nobody saw that. */
  readonly startedAt: number;
  /** Where it said what it lacks. */
  readonly said: EventOf<'start-refused'> | undefined;
  /** What it says it lacks, though nothing was done to that before, or that was long over when it was started. */
  readonly unexplained: readonly string[];
  /** It said what it lacks, and was right in all of it. */
  readonly isExplained: boolean;
  /** When a start in its place was not refused, ms; infinity where none was. */
  readonly until: number;
}

/**
 * The starts that were refused, in order. What they lacked is what was lacking from the start on, or what befell
 * Redis or the model: where that was over within `returnMs` before the process was started, it may still have been
 * felt. What befell a message or a connection is felt only by the start that it met.
 */
export const refusedStartsOf: (history: History) => RefusedStart[] = once((history) => {
  const { returnMs = Number.POSITIVE_INFINITY } = eventsOf(history, 'case-started')[0]?.bounds ?? {};
  const lacked: Lacked[] = lacksOf(history).map(({ dependency, seq, until }) => ({
    name: dependency,
    seq,
    until,
    isOfMessage: false,
  }));
  for (const { wire, seq, until, count } of wireFaultsOf(history))
    lacked.push({ name: wire, seq, until, isOfMessage: count > 0 });
  const refusals = new Map(
    eventsOf(history, 'start-refused').map((each) => [`${each.process} ${each.instance}`, each]),
  );
  const starts = new Map(
    eventsOf(history, 'process-started').map((each) => [`${each.process} ${each.instance}`, each]),
  );
  const backAt = returnsOf(history);
  const exits = eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'refused');
  return exits.map((exit) => {
    const name = `${exit.process} ${exit.instance}`;
    const { at: startedAt, seq: startedBy } = starts.get(name) ?? { at: 0, seq: 0 };
    const said = refusals.get(name);
    const names = said?.names ?? [];
    const wasLacking = ({ seq, until, isOfMessage }: Lacked): boolean =>
      seq < exit.seq && (isOfMessage ? seq > startedBy : startedAt <= until + returnMs);
    const unexplained = names.filter(
      (each) => !lacked.some((lack) => lack.name === each && wasLacking(lack)),
    );
    return {
      exit,
      startedAt,
      said,
      unexplained,
      isExplained: names.length > 0 && unexplained.length === 0,
      until: backAt(exit),
    };
  });
});

interface Lacked {
  readonly name: string;
  readonly seq: number;
  /** When it was over, ms. */
  readonly until: number;
  /** It befell one message, or its connection. */
  readonly isOfMessage: boolean;
}
