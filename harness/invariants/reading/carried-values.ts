import type { History, Json } from '../../history.ts';
import { deathsOf } from './deaths.ts';
import { type Difference, differencesFrom, type Twin, twinOf } from './differences.ts';
import { framesOf, type RunFrame } from './frames.ts';
import { fieldOf, type JsonObject, objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';
import { promptsOf } from './prompts.ts';
import { wireFaultsOf } from './wire-faults.ts';

/** The ways on which a result leaves the place where it was made. */
export type Road = 'cache' | 'persistence' | 'events' | 'prompts' | 'answer';

/** A result as it travelled on one road, beside what was really returned. */
export interface CarriedValue {
  readonly road: Road;
  /** The agent or tool that returned it. */
  readonly producer: string;
  readonly user: string;
  /** The run in which it travelled. */
  readonly run: string;
  /** `seq` of the event that shows it. */
  readonly seq: number;
  readonly value: Json | undefined;
  /** What the pipeline says that encoding removed or changed. */
  readonly account: Json | undefined;
  readonly twin: Twin;
  readonly differences: readonly Difference[];
}

/** Something on a road that holds no result that can be read. */
export interface Illegible {
  readonly road: Road;
  readonly producer: string;
  readonly user: string;
  readonly run: string;
  readonly seq: number;
  readonly why: string;
  /** `shape`: it is not what the road carries. `invented`: nobody returned it. */
  readonly what: 'shape' | 'invented';
}

export interface CarriedValues {
  readonly values: readonly CarriedValue[];
  readonly illegible: readonly Illegible[];
}

/**
 * Every result on every road. A result out of the cache is held against what the run returned that
 * computed it. Nothing that the pipeline says about a value is believed: its twin comes from the wrappers
 * around agents and tools. Where a history holds no wrapper's word (a foreign pipeline), nothing is read.
 */
export const carriedValuesOf = once((history: History): CarriedValues => new Reading(history).read());

class Reading {
  readonly #history: History;
  readonly #values: CarriedValue[] = [];
  readonly #illegible: Illegible[] = [];
  readonly #agents = new Map<string, Twin[]>();
  /** By call, and by the tool's name where a road does not name the call. */
  readonly #tools = new Map<string, Twin[]>();
  readonly #toolsByName = new Map<string, Twin[]>();
  /** What returned something that is no plain data: there is no twin to hold it against. */
  readonly #unjudgeable = new Set<string>();
  /** Which run computed an agent's result that came out of the cache. */
  readonly #cachedFrom = new Map<string, string>();
  /** What lies in the state of each run; undefined where the history holds only a part of it. */
  readonly #stored = new Map<string, JsonObject | undefined>();
  #insides = false;

  constructor(history: History) {
    this.#history = history;
  }

  read(): CarriedValues {
    this.#readTwins();
    if (!this.#insides) return { values: [], illegible: [] };
    const { seen, logged } = framesOf(this.#history);
    for (const frame of seen) this.#readCachedFrom(frame);
    for (const frame of logged) this.#readCachedFrom(frame);
    this.#readPrompts();
    for (const frame of seen) this.#readFrame(frame);
    this.#readStores();
    for (const frame of logged) this.#readFrame(frame);
    this.#readUnstored([...seen, ...logged]);
    return { values: this.#values, illegible: this.#illegible };
  }

  #readTwins(): void {
    for (const event of this.#history.events) {
      switch (event.type) {
        case 'agent-returned':
          this.#insides = true;
          keep(this.#agents, keyOf(event.user, event.run, event.agent), event);
          break;
        case 'tool-returned':
          this.#insides = true;
          keep(this.#tools, keyOf(event.user, event.run, event.call), event);
          keep(this.#toolsByName, keyOf(event.user, event.run, event.tool), event);
          break;
        case 'agent-failed':
          this.#insides = true;
          if (event.code === 'NOT_PLAIN') this.#unjudgeable.add(keyOf(event.user, event.run, event.agent));
          break;
        case 'tool-failed':
          this.#insides = true;
          if (event.code !== 'NOT_PLAIN') break;
          this.#unjudgeable.add(keyOf(event.user, event.run, event.call));
          this.#unjudgeable.add(keyOf(event.user, event.run, event.tool));
          break;
        case 'agent-asked':
          this.#insides = true;
          break;
      }
    }
  }

  #readCachedFrom(frame: RunFrame): void {
    if (frame.type !== 'agent_completed') return;
    const from = textOf(frame.payload, 'cached_from');
    if (from !== undefined) this.#cachedFrom.set(keyOf(frame.user, frame.run, frame.agent), from);
  }

  #readFrame(frame: RunFrame): void {
    const { user, run, seq, payload } = frame;
    const { result: value, account, status } = payload;
    if (frame.type === 'agent_completed' && status === 'completed') {
      const key = keyOf(user, textOf(payload, 'cached_from') ?? run, frame.agent);
      this.#add({ road: 'events', producer: frame.agent, user, run, seq, value, account }, this.#agents, key);
    } else if (frame.type === 'tool_completed' && status === 'completed') {
      const producer = textOf(payload, 'tool_name') ?? 'tool';
      const key = keyOf(user, run, textOf(payload, 'call_id') ?? '');
      this.#add({ road: 'events', producer, user, run, seq, value, account }, this.#tools, key);
    } else if (frame.type === 'run_completed') {
      const own = keyOf(user, run, 'reporting');
      const from = this.#cachedFrom.get(own);
      const key = from === undefined ? own : keyOf(user, from, 'reporting');
      const report = fieldOf(payload, 'report');
      this.#add(
        { road: 'answer', producer: 'reporting', user, run, seq, value: report, account },
        this.#agents,
        key,
      );
    }
  }

  #readPrompts(): void {
    for (const { event, input } of promptsOf(this.#history)) {
      const { user, run, seq } = event;
      const results = objectOf(fieldOf(input, 'results'));
      for (const agent of Object.keys(results ?? {}))
        this.#readOutcome('prompts', fieldOf(results, agent), { agent, user, run, seq });
      const found = objectOf(fieldOf(input, 'tool_results'));
      for (const tool of Object.keys(found ?? {})) {
        const outcome = objectOf(fieldOf(found, tool));
        if (outcome?.ok !== true) continue;
        const { data: value, account } = outcome;
        const key = keyOf(user, run, tool);
        this.#add(
          { road: 'prompts', producer: tool, user, run, seq, value, account },
          this.#toolsByName,
          key,
        );
      }
    }
  }

  #readStores(): void {
    for (const event of this.#history.events) {
      if (event.type !== 'stored' || event.user === undefined) continue;
      const { road, user, seq } = event;
      if (event.truncated === true) {
        if (road === 'persistence') this.#stored.set(runKeyOf(user, event.run ?? '-'), undefined);
        continue;
      }
      const stored = objectOf(event.json);
      if (road === 'cache') {
        const agent = event.agent ?? 'agent';
        const run = textOf(stored, 'run') ?? event.run ?? '-';
        this.#readOutcome('cache', fieldOf(stored, 'outcome'), { agent, user, run, seq });
      } else if (road === 'persistence') {
        const run = event.run ?? '-';
        const outcomes = objectOf(fieldOf(stored, 'outcomes'));
        this.#stored.set(runKeyOf(user, run), outcomes ?? {});
        if (outcomes === undefined)
          this.#shape('persistence', { agent: 'state', user, run, seq }, 'holds no outcomes');
        for (const agent of Object.keys(outcomes ?? {}))
          this.#readOutcome('persistence', fieldOf(outcomes, agent), { agent, user, run, seq });
      } else if (road === 'events' && stored === undefined) {
        this.#shape('events', { agent: 'log', user, run: event.run ?? '-', seq }, 'is no JSON object');
      }
    }
  }

  /**
   * Results that an answered run told of, and that are not in its state at rest. A run that failed may have
   * been stopped before its last result was stored, and a fault may have kept it from the store.
   */
  #readUnstored(frames: readonly RunFrame[]): void {
    if (this.#stored.size === 0 || storeWasDisturbed(this.#history)) return;
    const answered = new Set<string>();
    for (const { type, user, run } of frames) if (type === 'run_completed') answered.add(runKeyOf(user, run));
    const missed = new Set<string>();
    for (const { type, user, run, agent, seq, payload } of frames) {
      const of = runKeyOf(user, run);
      if (type !== 'agent_completed' || payload.status !== 'completed' || !answered.has(of)) continue;
      const outcomes = this.#stored.has(of) ? this.#stored.get(of) : {};
      const own = keyOf(user, run, agent);
      if (outcomes === undefined || Object.hasOwn(outcomes, agent) || missed.has(own)) continue;
      missed.add(own);
      const key = keyOf(user, textOf(payload, 'cached_from') ?? run, agent);
      this.#add(
        { road: 'persistence', producer: agent, user, run, seq, value: undefined, account: [] },
        this.#agents,
        key,
      );
    }
  }

  #readOutcome(road: Road, json: Json | undefined, where: Where): void {
    const { agent, user, run, seq } = where;
    const outcome = objectOf(json);
    const ok = fieldOf(outcome, 'ok');
    if (outcome === undefined || typeof ok !== 'boolean') {
      this.#shape(road, where, 'is no outcome of an agent');
      return;
    }
    if (!ok) return;
    const key = keyOf(user, textOf(outcome, 'cached_from') ?? run, agent);
    this.#add(
      {
        road,
        producer: agent,
        user,
        run,
        seq,
        value: fieldOf(outcome, 'data'),
        account: fieldOf(outcome, 'account'),
      },
      this.#agents,
      key,
    );
  }

  #shape(road: Road, { agent, user, run, seq }: Where, why: string): void {
    this.#illegible.push({ road, producer: agent, user, run, seq, why, what: 'shape' });
  }

  #add(carried: Unjudged, returned: ReadonlyMap<string, readonly Twin[]>, key: string): void {
    const twins = returned.get(key);
    if (twins === undefined) {
      if (this.#unjudgeable.has(key)) return;
      const { road, producer, user, run, seq } = carried;
      const why = 'was returned by nobody';
      this.#illegible.push({ road, producer, user, run, seq, why, what: 'invented' });
      return;
    }
    // An agent or tool that ran more than once in a run has a twin for each time: the nearest is meant.
    let nearest: Twin | undefined;
    let differences: readonly Difference[] = [];
    let distance = 0;
    for (const twin of twins) {
      const found = differencesFrom(twin, carried.value);
      // Of two that are equally far, that one in which poison accounts for the difference.
      const far = found.length + found.filter(({ recipe }) => recipe === undefined).length;
      if (nearest === undefined || far < distance) {
        nearest = twin;
        differences = found;
        distance = far;
      }
      if (far === 0) break;
    }
    if (nearest === undefined) return;
    const { road, producer, user, run, seq, value, account } = carried;
    this.#values.push({ road, producer, user, run, seq, value, account, twin: nearest, differences });
  }
}

type Unjudged = Omit<CarriedValue, 'twin' | 'differences'>;

interface Where {
  readonly agent: string;
  readonly user: string;
  readonly run: string;
  readonly seq: number;
}

/** Users, runs and names hold no blank. */
function keyOf(user: string, run: string, name: string): string {
  return `${user} ${run} ${name}`;
}

function runKeyOf(user: string, run: string): string {
  return `${user} ${run}`;
}

function storeWasDisturbed(history: History): boolean {
  return wireFaultsOf(history).some(({ wire }) => wire === 'redis') || deathsOf(history).length > 0;
}

function keep(twins: Map<string, Twin[]>, key: string, returned: Parameters<typeof twinOf>[0]): void {
  const twin = twinOf(returned);
  const before = twins.get(key);
  if (before === undefined) twins.set(key, [twin]);
  else before.push(twin);
}

/** For an invariant's words: `alice's run-1, data on the cache road`. */
export function whereabouts(carried: {
  readonly road: Road;
  readonly user: string;
  readonly run: string;
  readonly producer: string;
}): string {
  return `${carried.user}'s ${carried.run}, ${carried.producer} (${roads[carried.road]})`;
}

const roads: { readonly [road in Road]: string } = {
  cache: 'in the cache',
  persistence: "in the run's stored state",
  events: 'in the events',
  prompts: 'in what the model was sent',
  answer: 'in the answer',
};
