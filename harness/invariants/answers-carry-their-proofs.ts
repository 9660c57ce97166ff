import { type EventOf, eventsOf, type History, type Poisoned } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import type { RunFrame } from './reading/frames.ts';
import { fieldOf, objectOf, textOf } from './reading/json-shapes.ts';
import { Judgement } from './reading/judgement.ts';
import { type RunStory, runStoriesOf } from './reading/run-stories.ts';
import { wireFaultsOf } from './reading/wire-faults.ts';
import { eachText, soundTexts } from './reading/words.ts';

/**
 * A complete answer holds, for each agent that took part, a value that only the model's reply to that agent
 * held; a result out of the cache holds that of the run that computed it. What poison covered is excused,
 * and what may have been: where nobody knows what the agent, or the one that reports, really returned.
 * Tool calls that an answer or an event tells of really reached the tool.
 */
export const answersCarryTheirProofs: Invariant = {
  name: 'answers-carry-their-proofs',
  promise: 'truth',
  says: 'No answer is made up: it carries the proof that the model and the tools were really asked.',
  check(history) {
    const judgement = new Judgement();
    const evidence = new Evidence(history);
    for (const story of runStoriesOf(history)) {
      const frames = story.seen.length > 0 ? story.seen : story.logged;
      judgeCalls(judgement, frames, evidence);
      const answer = frames.find(
        (frame) => frame.type === 'run_completed' && textOf(frame.payload, 'status') === 'complete',
      );
      if (answer === undefined) continue;
      judgement.checked();
      judgeAnswer(judgement, { story, answer, frames: [...frames, ...story.logged], evidence });
    }
    return judgement.finding();
  },
};

/** What the model, the tools and the wrappers around agents can swear to. */
class Evidence {
  /** The proofs that the model gave, by user, run and agent. */
  readonly proofs = new Map<string, string[]>();
  readonly returned = new Map<string, EventOf<'agent-returned'>>();
  /** Calls that reached a tool, by user. */
  readonly calls = new Set<string>();
  /** Whether agents and tools are watched at all. */
  readonly watched: boolean;
  readonly #disturbed = new Set<string>();
  readonly #unknown = new Set<string>();

  constructor(history: History) {
    for (const { user, run, agent, proof } of eventsOf(history, 'answered')) {
      const key = `${user} ${run} ${agent}`;
      const before = this.proofs.get(key);
      if (before === undefined) this.proofs.set(key, [proof]);
      else before.push(proof);
    }
    for (const event of eventsOf(history, 'agent-returned'))
      this.returned.set(`${event.user} ${event.run} ${event.agent}`, event);
    for (const { user, run, agent, code } of eventsOf(history, 'agent-failed'))
      if (code === 'NOT_PLAIN') this.#unknown.add(`${user} ${run} ${agent}`);
    for (const { user, call } of eventsOf(history, 'tool-called')) this.calls.add(`${user} ${call}`);
    this.watched = history.events.some(({ type }) => type === 'agent-asked' || type === 'tool-called');
    for (const { wire, user, run, kind } of wireFaultsOf(history))
      if (wire === 'model') this.#disturbed.add(`${user} ${run} ${kind}`);
  }

  /** What the model said to this agent may not have arrived as it was said. */
  disturbed(key: string): boolean {
    return this.#disturbed.has(key);
  }

  /** No clean twin was made of what this agent returned: nobody can say whether the proof was in it. */
  unknown(key: string): boolean {
    return this.#unknown.has(key);
  }
}

function judgeAnswer(
  judgement: Judgement,
  {
    story,
    answer,
    frames,
    evidence,
  }: {
    readonly story: RunStory;
    readonly answer: RunFrame;
    readonly frames: readonly RunFrame[];
    readonly evidence: Evidence;
  },
): void {
  const { user, run } = story;
  const texts = new Set<string>();
  const report = fieldOf(answer.payload, 'report');
  eachText(report, (text) => texts.add(text));
  const tookPart = new Map<string, RunFrame>();
  for (const frame of frames)
    if (frame.type === 'agent_completed' && textOf(frame.payload, 'status') === 'completed')
      tookPart.set(frame.agent, frame);
  const broken = (agent: string, what: string, shownBy: readonly number[]): void =>
    judgement.broken({
      why: `${user}'s ${run}: the answer ${what}`,
      shownBy: [...shownBy, answer.seq],
      place: `answer/${agent}`,
    });
  if (tookPart.size === 0) broken('(nobody)', 'is complete, and no agent took part', []);
  const computedIn = (agent: string): string => {
    const from = textOf(tookPart.get(agent)?.payload, 'cached_from') ?? run;
    return `${user} ${from} ${agent}`;
  };
  const reporting = evidence.returned.get(computedIn('reporting'));
  const covered = reporting === undefined ? [] : reporting.poisoned;
  const reportUnknown = evidence.unknown(computedIn('reporting'));
  const sound =
    reporting === undefined || covered.length === 0 ? undefined : soundTexts(reporting.clean, covered);
  for (const [agent, frame] of tookPart) {
    const key = computedIn(agent);
    const proofs = evidence.proofs.get(key);
    if (proofs === undefined) {
      broken(agent, `holds a result of ${agent}, whom the model never answered`, [frame.seq]);
      continue;
    }
    if (proofs.some((proof) => texts.has(proof)) || evidence.disturbed(key)) continue;
    if (reportUnknown || evidence.unknown(key)) continue;
    const returned = evidence.returned.get(key);
    const handedOn = returned === undefined ? undefined : soundTexts(returned.clean, returned.poisoned);
    const spoiltEarlier = handedOn !== undefined && returned !== undefined && returned.poisoned.length > 0;
    if (spoiltEarlier && !proofs.some((proof) => handedOn.has(proof))) continue;
    if (sound !== undefined && !proofs.some((proof) => sound.has(proof))) continue;
    broken(agent, `lacks the proof that the model gave to ${agent}`, [frame.seq]);
  }
  const spoilt = [...tookPart.keys()].flatMap(
    (agent) => evidence.returned.get(computedIn(agent))?.poisoned ?? [],
  );
  if (!evidence.watched || coversToolCalls(spoilt)) return;
  const calls = fieldOf(objectOf(fieldOf(objectOf(report), 'metadata')), 'tool_calls');
  for (const call of Array.isArray(calls) ? calls : []) {
    if (typeof call !== 'string' || evidence.calls.has(`${user} ${call}`)) continue;
    broken('(tool calls)', `names the tool call ${call}, which no tool received`, []);
  }
}

function coversToolCalls(poisoned: readonly Poisoned[]): boolean {
  return poisoned.some(
    ({ path }) => path.length === 0 || (path[0] === 'metadata' && (path[1] ?? 'tool_calls') === 'tool_calls'),
  );
}

/** A call that is shown to have succeeded reached its tool. */
function judgeCalls(judgement: Judgement, frames: readonly RunFrame[], evidence: Evidence): void {
  if (!evidence.watched) return;
  for (const { type, payload, user, run, seq } of frames) {
    if (type !== 'tool_completed' || textOf(payload, 'status') !== 'completed') continue;
    judgement.checked();
    const call = textOf(payload, 'call_id') ?? '(no call)';
    if (evidence.calls.has(`${user} ${call}`)) continue;
    const tool = textOf(payload, 'tool_name') ?? 'tool';
    judgement.broken({
      why: `${user}'s ${run}: the call ${call} of ${tool} is shown as done, and never reached the tool`,
      shownBy: [seq],
      place: `tool/${tool}/(never called)`,
    });
  }
}
