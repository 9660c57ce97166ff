import { type EventOf, eventsOf, type History } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type Lack, lacksOf } from './reading/lacks.ts';

/**
 * A process that lacks something when it is started says what, each by its name, and ends; it waits for what
 * comes in the promised time. In the degraded mode of development it may stay, takes nothing on, and names on
 * `/ready` what it lacks. How long a process waits beyond that is its own affair, so long as it serves nobody.
 */
export const aBrokenStartIsRefusedByName: Invariant = {
  name: 'a-broken-start-is-refused-by-name',
  promise: 'startup',
  says: 'A pipeline that lacks something does not serve, and says at its start what it lacks.',
  check(history) {
    const judgement = new Judgement();
    const started = eventsOf(history, 'case-started')[0];
    const lacks = lacksOf(history);
    if (lacks.length === 0) return judgement.finding();
    const startMs = started?.bounds.startMs;
    if (startMs === undefined) {
      judgement.unsure('nobody promised for how long a start waits');
      return judgement.finding();
    }
    const { environment, degraded } = started?.startup ?? { environment: 'production', degraded: false };
    const mayStay = degraded && environment === 'development';
    for (const life of livesIn(history)) judgeLife(judgement, life, { history, lacks, startMs, mayStay });
    return judgement.finding();
  },
};

/** One process, from its start to its end. */
interface Life {
  readonly process: string;
  readonly from: EventOf<'process-started'>;
  readonly exit: EventOf<'process-exited'> | undefined;
  readonly refusal: EventOf<'start-refused'> | undefined;
}

function livesIn(history: History): Life[] {
  const exits = new Map(
    eventsOf(history, 'process-exited').map((exit) => [`${exit.process} ${exit.instance}`, exit]),
  );
  const refusals = new Map(
    eventsOf(history, 'start-refused').map((refusal) => [`${refusal.process} ${refusal.instance}`, refusal]),
  );
  return eventsOf(history, 'process-started')
    .filter(({ process }) => process !== 'redis')
    .map((from) => {
      const id = `${from.process} ${from.instance}`;
      return { process: from.process, from, exit: exits.get(id), refusal: refusals.get(id) };
    });
}

function judgeLife(
  judgement: Judgement,
  { process, from, exit, refusal }: Life,
  known: {
    readonly history: History;
    readonly lacks: readonly Lack[];
    readonly startMs: number;
    readonly mayStay: boolean;
  },
): void {
  const { history, lacks, startMs, mayStay } = known;
  // What comes while it waits may be waited for; what is there already was never lacking here.
  const lacked = lacks.filter(({ until }) => until > from.at);
  if (lacked.length === 0) return;
  const lasting = lacked.filter(({ until }) => until > from.at + startMs);
  const broken = (what: string, dependency: string, ...shownBy: number[]): void =>
    judgement.broken({
      why: `the process ${process} ${what}`,
      shownBy: [from.seq, ...shownBy],
      place: `start/${dependency}`,
    });
  judgement.checked();
  if (exit?.cause === 'refused' || refusal !== undefined) {
    const names = refusal?.names ?? [];
    const shownBy = [refusal?.seq, exit?.seq].filter((seq) => seq !== undefined);
    if (names.length === 0) broken('would not start, and did not say why', '(no name)', ...shownBy);
    for (const { dependency } of lasting)
      if (!names.includes(dependency))
        broken(`would not start, and did not say that it lacks ${dependency}`, dependency, ...shownBy);
    if (lasting.length === 0)
      broken('would not start, and did not wait for what came in time', '(in time)', ...shownBy);
    return;
  }
  if (lasting.length === 0) return;
  const [first] = lasting;
  const names = lasting.map(({ dependency }) => dependency).join(', ');
  if (exit?.cause === 'crashed') {
    broken(`died where it had to say that it lacks ${names}`, first?.dependency ?? '', exit.seq);
    return;
  }
  const end = exit?.cause === 'killed' ? exit.seq : Number.POSITIVE_INFINITY;
  if (mayStay) {
    judgeDegraded(judgement, { process, from }, lasting, history, end);
    return;
  }
  const stays = lasting.find(({ until }) => until === Number.POSITIVE_INFINITY);
  const served = history.events.find(
    (event) =>
      event.seq > from.seq &&
      event.seq < end &&
      event.at < Math.max(...lasting.map(({ until }) => until)) &&
      isServed(event),
  );
  if (served !== undefined) broken(`serves without ${names}`, first?.dependency ?? '', served.seq);
  else if (stays !== undefined && exit?.cause !== 'killed')
    broken(`stays without ${names}, and does not say so`, stays.dependency);
}

/** It lets clients in, or takes a run on. */
function isServed(event: History['events'][number]): boolean {
  if (event.type !== 'seen') return false;
  const type = textOf(objectOf(event.frame), 'type');
  return type === 'connection_established' || type === 'run_accepted';
}

function judgeDegraded(
  judgement: Judgement,
  { process, from }: Pick<Life, 'process' | 'from'>,
  lasting: readonly Lack[],
  history: History,
  end: number,
): void {
  const taken = history.events.find((event) => event.seq > from.seq && event.seq < end && isServed(event));
  if (taken !== undefined)
    judgement.broken({
      why: `the process ${process} is degraded, and takes on what it cannot do`,
      shownBy: [from.seq, taken.seq],
      place: 'degraded/(serves)',
    });
  const health = eventsOf(history, 'health').findLast(({ probe }) => probe === 'ready');
  if (health === undefined) {
    judgement.unsure('nobody asked whether the degraded process is ready');
    return;
  }
  const text = JSON.stringify(health.body);
  for (const { dependency, until } of lasting) {
    if (until < health.at) continue;
    const isNamed = health.status >= 400 && text.includes(`"dependency":"${dependency}"`);
    if (!isNamed)
      judgement.broken({
        why: `the process ${process} is degraded, and /ready does not say that it lacks ${dependency}`,
        shownBy: [from.seq, health.seq],
        place: `degraded/${dependency}`,
      });
  }
}
