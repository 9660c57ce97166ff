import { eventsOf, type History, type Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Crowding } from './reading/crowding.ts';
import { Excuses, type Misfortune, type Mishap } from './reading/excuses.ts';
import { floodsOf } from './reading/flooding.ts';
import { endsRun, framesOf, type Notice, type RunFrame } from './reading/frames.ts';
import { fieldOf, objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type RefusedStart, refusedStartsOf } from './reading/refused-starts.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { earlyMessagesOf, type Visit, visitsOf } from './reading/visits.ts';

/**
 * Without this, a pipeline that always refuses would pass everything. A refusal is explained by a fault that
 * fired before it, on a wire that reaches it, and was not over, and its traces with it, when the user asked: never by a
 * contamination, and never by an earlier refusal that is not explained itself. No fault on a message explains that a process died; what a death takes with it is
 * not told again. Of one run, the failure of the whole is told in preference to those of its agents.
 */
export const everyRefusalIsExplained: Invariant = {
  name: 'every-refusal-is-explained',
  promise: 'justified refusal',
  says: 'Every error, refusal, close and partial answer is explained by a fault that was really injected.',
  check(history) {
    const judgement = new Judgement();
    const excuses = new Excuses(history);
    for (const refused of refusedStartsOf(history)) judgeRefusedStart(judgement, refused);
    for (const event of eventsOf(history, 'process-exited')) {
      if (event.cause !== 'crashed') continue;
      judgement.checked();
      judgement.broken({
        why: `the process ${event.process} died (${event.code}), and nothing was done to it`,
        shownBy: [event.seq],
        place: `process/${event.process}/${event.code}`,
      });
    }
    const bounds = eventsOf(history, 'case-started')[0]?.bounds;
    const earlyMax = bounds?.earlyMessages;
    const visits = new Map(visitsOf(history).map((visit) => [`${visit.user} ${visit.connection}`, visit]));
    const visitOf: VisitOf = ({ user, connection }) => visits.get(`${user} ${connection}`);
    const crowding = new Crowding(history, bounds?.runsPerUser);
    for (const story of runStoriesOf(history)) {
      judgeRun(judgement, new RunFailures(story, excuses));
      judgeErrors(judgement, story, { history, excuses, visitOf, crowding });
    }
    for (const event of history.events) {
      if (event.type === 'connection-opened') judgement.checked();
      if (event.type === 'connection-refused') {
        judgement.checked();
        if (comesFromOutside(excuses, misfortuneOf(event)) || isDeserved(visitOf(event), event.seq, earlyMax))
          continue;
        if (event.code === 'SERVICE_NOT_READY' && excuses.degraded(event)) continue;
        const code = event.code ?? `status ${event.status}`;
        judgement.broken({
          why: `${event.user} was refused a connection (${code}), and no fault explains it`,
          shownBy: [event.seq],
          place: `connection/refused/${code}`,
        });
      } else if (event.type === 'connection-closed' && event.by === 'other') {
        if (event.reason === 'RATE_LIMITED' && hasFlooded(history, event)) continue;
        if (comesFromOutside(excuses, misfortuneOf(event)) || isDeserved(visitOf(event), event.seq, earlyMax))
          continue;
        judgement.broken({
          why: `${event.user}'s connection was closed (${event.code}), and no fault explains it`,
          shownBy: [event.seq],
          place: `connection/closed/${event.code}`,
        });
      }
    }
    for (const notice of framesOf(history).notices) {
      if (notice.type !== 'error' || notice.run !== undefined) continue;
      judgement.checked();
      const code = textOf(notice.frame, 'code') ?? '(no code)';
      if (code === 'RATE_LIMITED' && hasFlooded(history, notice)) continue;
      // Of which run it was confirmed that is known no more, nobody can tell.
      if (code === 'RUN_UNKNOWN' && excuses.forgotten(notice)) continue;
      if (comesFromOutside(excuses, misfortuneOf(notice))) continue;
      judgement.broken({
        why: `${notice.user} was told ${code}, and no fault explains it`,
        shownBy: [notice.seq],
        place: `error/${code}`,
      });
    }
    return judgement.finding();
  },
};

/** The process says what it lacked, and that was lacking. */
function judgeRefusedStart(judgement: Judgement, { exit, said, unexplained }: RefusedStart): void {
  const { process, seq } = exit;
  judgement.checked();
  if (said === undefined || said.names.length === 0)
    judgement.broken({
      why: `the process ${process} would not start, and did not say what it lacks`,
      shownBy: [seq],
      place: `process/${process}/(no name)`,
    });
  for (const name of unexplained)
    judgement.broken({
      why: `the process ${process} would not start for want of ${name}, and nothing was done to that`,
      shownBy: [said?.seq ?? seq, seq],
      place: `process/${process}/${name}`,
    });
}

interface Failure {
  readonly agent: string;
  readonly code: string;
  readonly because: string | undefined;
  readonly seq: number;
}

/** The failures within one run, and whether each is explained. */
class RunFailures {
  readonly story: RunStory;
  /** Every event of the run that anybody knows of, each once. */
  readonly frames: readonly RunFrame[];
  readonly failures: readonly Failure[];
  readonly #excuses: Excuses;
  readonly #byAgent = new Map<string, Failure>();
  readonly #explained = new Map<string, boolean>();

  constructor(story: RunStory, excuses: Excuses) {
    this.story = story;
    this.#excuses = excuses;
    const bySequence = new Map<number, RunFrame>();
    for (const frame of story.seen)
      if (!bySequence.has(frame.sequence)) bySequence.set(frame.sequence, frame);
    for (const frame of story.logged)
      if (!bySequence.has(frame.sequence)) bySequence.set(frame.sequence, frame);
    this.frames = [...bySequence.values()];
    for (const frame of this.frames) {
      if (frame.type === 'agent_completed' && textOf(frame.payload, 'status') === 'failed')
        this.#add(failureOf(frame.payload, frame.agent, frame.seq));
      const missing = fieldOf(frame.payload, 'missing');
      if (endsRun(frame) && Array.isArray(missing))
        for (const entry of missing) this.#addMissing(entry, frame);
    }
    this.failures = [...this.#byAgent.values()];
  }

  agentExplained({ agent, code, because, seq }: Failure): boolean {
    const before = this.#explained.get(agent);
    if (before !== undefined) return before;
    // A failure that is said to come from itself, over however many corners, is not explained.
    this.#explained.set(agent, false);
    const cause = because === undefined ? undefined : this.#byAgent.get(because);
    const explained =
      code === 'INPUT_MISSING'
        ? cause !== undefined && this.agentExplained(cause)
        : this.#excuses.agent(this.#mishap(seq), agent, code) || this.#comesFromBelow(code, seq);
    this.#explained.set(agent, explained);
    return explained;
  }

  toolExplained(frame: RunFrame): boolean {
    const code = textOf(frame.payload, 'code') ?? '';
    return (
      this.#excuses.agent(this.#mishap(frame.seq), frame.agent, code) || this.#comesFromBelow(code, frame.seq)
    );
  }

  /** The run failed as one of its agents did, or by something that befell the run itself. */
  runExplained(frame: RunFrame): boolean {
    const code = textOf(frame.payload, 'code') ?? '';
    const same = this.failures.findLast((failure) => failure.code === code);
    if (same !== undefined) return this.agentExplained(same);
    return this.#excuses.work(this.#mishap(frame.seq)) || this.#comesFromBelow(code, frame.seq);
  }

  #comesFromBelow(code: string, seq: number): boolean {
    const mishap = this.#mishap(seq);
    return (
      this.#excuses.store(mishap) ||
      this.#excuses.crashed(mishap) ||
      (code === 'RUN_CANCELLED' && this.#excuses.connection(mishap)) ||
      (code === 'RUN_MEMORY_LIMIT' && this.#excuses.tooMuch(mishap)) ||
      (code === 'RUN_TIMEOUT' && this.#excuses.work(mishap)) ||
      (code === 'MODEL_CIRCUIT_OPEN' && this.#excuses.anyModel(mishap))
    );
  }

  #mishap(seq: number): Mishap {
    return mishapOf(this.story, seq);
  }

  #addMissing(entry: Json, frame: RunFrame): void {
    const outcome = objectOf(entry);
    const agent = textOf(outcome, 'agent');
    if (outcome !== undefined && agent !== undefined) this.#add(failureOf(outcome, agent, frame.seq));
  }

  #add(failure: Failure): void {
    if (!this.#byAgent.has(failure.agent)) this.#byAgent.set(failure.agent, failure);
  }
}

function failureOf(from: Parameters<typeof textOf>[0], agent: string, seq: number): Failure {
  return { agent, code: textOf(from, 'code') ?? '(no code)', because: textOf(from, 'because'), seq };
}

function judgeRun(judgement: Judgement, run: RunFailures): void {
  const { user, run: id } = run.story;
  let unexplainedEnd = false;
  for (const frame of run.frames) {
    if (frame.type === 'agent_completed' || frame.type === 'tool_completed' || endsRun(frame))
      judgement.checked();
    if (frame.type !== 'run_failed' || run.runExplained(frame)) continue;
    unexplainedEnd = true;
    const code = textOf(frame.payload, 'code') ?? '(no code)';
    const unexplained = run.failures.filter(
      (failure) => failure.code === code && !run.agentExplained(failure),
    );
    const where = unexplained.map(({ agent }) => agent).join(', ');
    judgement.broken({
      why: `${user}'s ${id} failed (${code}${where === '' ? '' : `: ${where}`}), and no fault explains it`,
      shownBy: [...unexplained.map(({ seq }) => seq), frame.seq],
      place: `run_failed/${code}`,
    });
  }
  if (unexplainedEnd) return;
  for (const failure of run.failures) {
    if (run.agentExplained(failure)) continue;
    const { agent, code, because, seq } = failure;
    judgement.broken({
      why: `${user}'s ${id}: ${agent} failed (${code}${because === undefined ? '' : ` because of ${because}`}), and no fault explains it`,
      shownBy: [seq],
      place: `agent/${agent}/${code}`,
    });
  }
  for (const frame of run.frames) {
    if (frame.type === 'tool_completed' && textOf(frame.payload, 'status') === 'error') {
      if (run.toolExplained(frame)) continue;
      const tool = textOf(frame.payload, 'tool_name') ?? 'tool';
      const code = textOf(frame.payload, 'code') ?? '(no code)';
      judgement.broken({
        why: `${user}'s ${id}: a call of ${tool} failed (${code}), and no fault explains it`,
        shownBy: [frame.seq],
        place: `tool/${tool}/${code}`,
      });
    } else if (frame.type === 'run_completed' && textOf(frame.payload, 'status') === 'partial') {
      if (run.failures.length > 0) continue;
      judgement.broken({
        why: `${user}'s ${id} was answered in part, and nothing is said to be missing`,
        shownBy: [frame.seq],
        place: 'run_completed/partial',
      });
    }
  }
}

/** Said more than may come, before it was told so. */
function hasFlooded(history: History, told: { readonly user: string; readonly seq: number }): boolean {
  return (floodsOf(history).get(told.user)?.seq ?? Number.POSITIVE_INFINITY) < told.seq;
}

type VisitOf = (event: { readonly user: string; readonly connection: string }) => Visit | undefined;

function judgeErrors(
  judgement: Judgement,
  story: RunStory,
  known: {
    readonly history: History;
    readonly excuses: Excuses;
    readonly visitOf: VisitOf;
    readonly crowding: Crowding;
  },
): void {
  const { history, excuses, visitOf, crowding } = known;
  for (const notice of story.errors) {
    judgement.checked();
    const code = textOf(notice.frame, 'code') ?? '(no code)';
    const mishap = mishapOf(story, notice.seq);
    if (code === 'RUN_DUPLICATE' && story.starts.filter((start) => start.seq < notice.seq).length > 1)
      continue;
    if (code === 'OVERLOADED' && excuses.shortOfMemory(notice)) continue;
    if (asksForWhatIsNot(story, code, notice.seq, visitOf)) continue;
    if (code === 'RATE_LIMITED' && hasFlooded(history, notice)) continue;
    if (code === 'PREREQUISITE_FAILED' && excuses.anyModel(mishap)) continue;
    if (code === 'RUN_LIMIT' && crowding.explains(story, notice.seq)) continue;
    if (comesFromOutside(excuses, mishap) || excuses.work(mishap)) continue;
    judgement.broken({
      why: `${story.user} was told ${code} of ${story.run}, and no fault explains it`,
      shownBy: [notice.seq],
      place: `error/${code}`,
    });
  }
}

/**
 * Nobody was asked to let such a client in, or to keep it: it showed nothing that entitles, was as good as dead,
 * or said more than is kept before it was ready.
 */
function isDeserved(visit: Visit | undefined, seq: number, earlyMax = Number.POSITIVE_INFINITY): boolean {
  if (visit === undefined) return false;
  if (visit.welcome === undefined && earlyMessagesOf(visit).length > earlyMax) return true;
  return visit.knocked?.entitled === false || (visit.silent !== undefined && visit.silent.seq < seq);
}

/**
 * A run that was never started, or perhaps not, since its user left the connection before it was accepted; or
 * what follows an event that the run never had.
 */
function asksForWhatIsNot(story: RunStory, code: string, seq: number, visitOf: VisitOf): boolean {
  const { accepted, starts, resumes, seen, logged } = story;
  if (code === 'RUN_UNKNOWN')
    return !starts.some(
      (start) => start.seq < seq && (accepted.length > 0 || visitOf(start)?.closed?.by !== 'user'),
    );
  if (code !== 'MESSAGE_MALFORMED') return false;
  const last = Math.max(0, ...[...seen, ...logged].map(({ sequence }) => sequence));
  return resumes.some((each) => each.seq < seq && Number(fieldOf(objectOf(each.frame), 'after')) > last);
}

/** A run is under way from where its user asks for it: what was away at any time of that can have harmed it. */
function mishapOf({ user, run, starts }: RunStory, seq: number): Mishap {
  return { user, run, seq, since: starts[0]?.at ?? 0 };
}

function comesFromOutside(excuses: Excuses, mishap: Misfortune | Mishap): boolean {
  return excuses.connection(mishap) || excuses.crashed(mishap) || excuses.store(mishap);
}

/** What befalls a user outside of any run. */
function misfortuneOf({ user, seq, at }: Pick<Notice, 'user' | 'seq' | 'at'>): Misfortune {
  return { user, seq, since: at };
}
