import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';

import type { Case } from '../case.ts';
import { eventsOf, type History } from '../history.ts';
import { wireNames } from '../message.ts';
import type { World } from '../world.ts';
import {
  caseWith,
  cleanCase,
  crowdedCase,
  lackCases,
  plannedFates,
  processCases,
  scheduledCase,
  twoVersionsCase,
} from './conformance-cases.ts';

/** A world to be held against the suite, or why it cannot be had on this machine. */
export type Candidate = { readonly world: World } | { readonly unavailable: string };

/**
 * What every world must do. A world that cannot be had is skipped with its reason; with
 * FAULTLINE_REQUIRE_CONTAINERS=1 the skip is a failure.
 */
export function describeWorld(name: string, open: () => Promise<Candidate>): void {
  describe(name, () => {
    let candidate: Candidate = { unavailable: 'it was not opened' };
    beforeAll(async () => {
      candidate = await open();
    });
    afterAll(async () => {
      if ('world' in candidate) await candidate.world.close();
    });
    const worldFor = (context: TestContext): World => {
      if ('world' in candidate) return candidate.world;
      if (process.env.FAULTLINE_REQUIRE_CONTAINERS === '1') throw new Error(candidate.unavailable);
      return context.skip(candidate.unavailable);
    };

    describe('a clean case', () => {
      let history: History;

      it('ends with an answer for every run', async (context) => {
        history = await worldFor(context).play(cleanCase());
        expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-2', 'bob/run-1']);
        expect(eventsOf(history, 'gave-up')).toEqual([]);
      });

      it('is framed by its start and its end, numbered without gaps, in the order of time', (context) => {
        worldFor(context);
        const { events } = history;
        expect(events[0]).toMatchObject({
          type: 'case-started',
          planned: { asks: [{ user: 'alice' }, { user: 'alice' }, { user: 'bob' }], faults: 0 },
        });
        expect(events.at(-1)).toMatchObject({ type: 'case-ended', reason: 'quiet' });
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
        expect(events.every(({ at }, index) => at >= (events[index - 1]?.at ?? 0))).toBe(true);
      });

      it('shows what happened on every wire, and who was started', (context) => {
        worldFor(context);
        const wires = new Set(eventsOf(history, 'passed').map(({ message }) => message?.split(/[<>]/)[0]));
        expect([...wires].sort()).toEqual([...wireNames].sort());
        expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }]);
        expect(eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'crashed')).toEqual([]);
      });

      it('shows what the model was asked, and the proof that it answered', (context) => {
        worldFor(context);
        const prompted = eventsOf(history, 'prompted').map(
          ({ user, run, agent }) => `${user}/${run}/${agent}`,
        );
        expect(prompted).toContain('bob/run-1/triage');
        const answered = eventsOf(history, 'answered');
        expect(answered).toHaveLength(prompted.length);
        expect(new Set(answered.map(({ proof }) => proof)).size).toBe(answered.length);
      });

      it('shows what lies in Redis at rest, on all roads, and that it expires', (context) => {
        worldFor(context);
        const stored = eventsOf(history, 'stored');
        const roads = new Set(stored.map(({ road }) => road));
        expect([...roads].sort()).toEqual(['cache', 'delivery', 'events', 'persistence']);
        expect(stored.filter(({ expires }) => !expires)).toEqual([]);
      });

      it('shows health and metrics at its end', (context) => {
        worldFor(context);
        expect(eventsOf(history, 'health')).toMatchObject([{ probe: 'ready', status: 200 }]);
        expect(eventsOf(history, 'metric').length).toBeGreaterThan(0);
      });

      it('finds nothing of it when it is played again', async (context) => {
        const again = await worldFor(context).play(cleanCase());
        expect(answersIn(again)).toEqual(answersIn(history));
        expect(storedKeys(again)).toEqual(storedKeys(history));
      });
    });

    describe('carries out every fate on every wire where it fits', () => {
      it.for(plannedFates())('$title', async ({ fault }, context) => {
        const history = await worldFor(context).play(caseWith({ faults: [fault] }));
        const fired = eventsOf(history, 'fault-fired');
        const skipped = eventsOf(history, 'fault-skipped');
        if (skipped.length > 0) return context.skip(skipped.map(({ why }) => why).join('; '));
        expect(fired).toMatchObject([{ fault: 0, fate: fault.fate }]);
        expect(answersIn(history)).toContain('bob/run-1');
      });
    });

    describe('carries out everything that befalls processes', () => {
      it.for(processCases())('$title', async ({ playing }, context) => {
        const history = await worldFor(context).play(playing);
        const skipped = eventsOf(history, 'fault-skipped');
        if (skipped.length > 0) return context.skip(skipped.map(({ why }) => why).join('; '));
        const [fault] = playing.process ?? [];
        expect(eventsOf(history, 'fault-fired')).toMatchObject([{ fault: 0, fate: fault?.fate }]);
        expect(processesIn(history)).toEqual(processesUnder(playing));
        const lasts = fault?.fate.do !== 'jump-clock';
        expect(eventsOf(history, 'fault-ended')).toMatchObject(lasts ? [{ fault: 0 }] : []);
        expect(answersIn(history)).toContain('bob/run-3');
        if (fault?.fate.do === 'fill-memory') {
          const [full = 0, empty = 0] = eventsOf(history, 'measured').map(({ bytes }) => bytes);
          // What else it took or gave back meanwhile is little beside that.
          expect(full - empty).toBeGreaterThan(fault.fate.bytes / 2);
        }
        if (fault?.fate.do === 'kill-redis') {
          const keys = storedKeys(history).filter((key) => key.includes('u:alice:r:run-1:'));
          expect(keys.length > 0).toBe(fault.fate.data === 'kept');
        }
      });
    });

    it('ends each of two that overlap in one process', async (context) => {
      const [{ playing } = { playing: cleanCase() }] = processCases().filter(
        ({ title }) => title === 'fill-memory',
      );
      const both = (playing.process ?? []).flatMap((fault) => [fault, fault]);
      const history = await worldFor(context).play({ ...playing, process: both });
      expect(eventsOf(history, 'fault-fired')).toMatchObject([{ fault: 0 }, { fault: 1 }]);
      expect(
        eventsOf(history, 'fault-ended')
          .map(({ fault }) => fault)
          .sort(),
      ).toEqual([0, 1]);
      expect(eventsOf(history, 'measured')).toHaveLength(4);
    });

    describe('carries out everything that a start may lack', () => {
      it.for(lackCases())('$title', async ({ playing, lacks }, context) => {
        const history = await worldFor(context).play(playing);
        const skipped = eventsOf(history, 'fault-skipped');
        if (skipped.length > 0) return context.skip(skipped.map(({ why }) => why).join('; '));
        expect(eventsOf(history, 'fault-fired')).toMatchObject(
          lacks.map((lack, fault) => ({
            fault,
            name: `lack ${lack.dependency}`,
            fate: { do: 'lack', ...lack },
          })),
        );
        const [first, ...later] = eventsOf(history, 'start-refused').map(({ names }) => names);
        const causes = eventsOf(history, 'process-exited').map(({ cause }) => cause);
        const serves = lacks.every(({ state }) => state === 'late');
        expect(answersIn(history).includes('bob/run-1')).toBe(serves);
        // An operator starts it once more, and then no more.
        expect(causes).toEqual(serves ? ['asked'] : ['refused', 'refused']);
        expect([...(first ?? [])].sort()).toEqual(
          serves ? [] : lacks.map(({ dependency }) => dependency).sort(),
        );
        expect(later).toHaveLength(serves ? 0 : 1);
      });

      it('starts in the degraded mode where that is asked for in development', async (context) => {
        const { users, ...rest } = cleanCase();
        const history = await worldFor(context).play({
          ...rest,
          users: users.map((user) => ({ ...user, client: 'raw' as const })),
          startup: {
            environment: 'development',
            degraded: true,
            lacks: [{ dependency: 'model', state: 'null' }],
          },
        });
        expect(eventsOf(history, 'start-refused')).toEqual([]);
        expect(eventsOf(history, 'connection-refused').map(({ code }) => code)).toContain(
          'SERVICE_NOT_READY',
        );
        expect(eventsOf(history, 'health')).toMatchObject([
          { status: 503, body: { missing: [{ dependency: 'model' }] } },
        ]);
      });
    });

    it('says which fault no world can carry out, and why', async (context) => {
      const history = await worldFor(context).play({
        ...cleanCase(),
        faults: [{ at: { wire: 'redis', direction: 'request', kind: 'set.state' }, fate: { do: 'garble' } }],
      });
      expect(eventsOf(history, 'fault-skipped')).toMatchObject([
        { fault: 0, name: 'garble redis', why: 'garble cannot be done to a request on the redis wire' },
      ]);
      expect(eventsOf(history, 'fault-fired')).toEqual([]);
    });

    it('shows what the pipeline logs of a failure, and whose run it was', async (context) => {
      const at = { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'data' } as const;
      const history = await worldFor(context).play(
        caseWith({ faults: [{ at, fate: { do: 'fail', error: 'Broken' } }] }),
      );
      expect(eventsOf(history, 'logged')).toMatchObject([
        { level: 'warn', says: 'failed', code: 'AGENT_FAILED', user: 'alice', run: 'run-1' },
      ]);
    });

    it('puts a contamination into the result that it names', async (context) => {
      const path = ['analysis_type'];
      const history = await worldFor(context).play(
        caseWith({
          contaminations: [
            {
              at: { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
              path,
              recipe: 'function',
            },
          ],
        }),
      );
      const poisoned = eventsOf(history, 'agent-returned').filter((event) => event.poisoned.length > 0);
      expect(poisoned).toMatchObject([
        { user: 'alice', run: 'run-1', agent: 'data', poisoned: [{ path, recipe: 'function' }] },
      ]);
      expect(poisoned[0]?.clean).toHaveProperty(path);
      expect(eventsOf(history, 'fault-fired')).toMatchObject([{ name: 'contaminate agent' }]);
    });

    it('keeps the order that a schedule asks for', async (context) => {
      const history = await worldFor(context).play(
        caseWith({
          schedule: [
            {
              hold: { wire: 'agent', direction: 'request', user: 'alice', run: 'run-1', kind: 'triage' },
              until: { wire: 'agent', direction: 'reply', user: 'bob', run: 'run-1', kind: 'triage' },
              atMostMs: 3_000,
            },
          ],
        }),
      );
      expect(eventsOf(history, 'constraint-met')).toMatchObject([{ constraint: 0 }]);
      const passed = eventsOf(history, 'passed').map(({ message }) => message);
      expect(passed.indexOf('agent>alice/run-1/triage#1')).toBeGreaterThan(
        passed.indexOf('agent<bob/run-1/triage#1'),
      );
    });

    it('keeps an order on each wire where runs are let in, and lets go of what waits in vain', async (context) => {
      const history = await worldFor(context).play(scheduledCase());
      const outcomes = history.events.flatMap((event) =>
        event.type === 'constraint-met' || event.type === 'constraint-expired'
          ? [`${event.constraint} ${event.type}`]
          : [],
      );
      expect(outcomes.sort()).toEqual(['0 constraint-met', '1 constraint-met', '2 constraint-expired']);
      const passed = eventsOf(history, 'passed').map(({ message }) => message);
      const [start, slot] = ['client>alice/run-1/start_agent#1', 'redis<bob/run-1/set.slot#1'];
      expect(passed.indexOf(start)).toBeGreaterThan(passed.indexOf('redis>bob/run-1/set.slot#1'));
      expect(passed.indexOf(slot)).toBeGreaterThan(passed.indexOf(start));
      expect(answersIn(history)).toEqual(['alice/run-1', 'bob/run-1']);
    });

    it('lets a user have two windows, and sets the limits that a case asks for', async (context) => {
      const history = await worldFor(context).play(crowdedCase());
      expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-3', 'bob/run-1']);
      const opened = eventsOf(history, 'connection-opened').map(({ connection }) => connection);
      expect(opened.sort()).toEqual(['alice-1', 'alice.2-1', 'bob-1']);
      const refused = eventsOf(history, 'seen').flatMap(({ connection, frame }) => {
        const { type, code } = frame as { type: string; code?: string };
        return type === 'error' ? [`${connection} ${code}`] : [];
      });
      expect(refused).toEqual(['alice.2-1 RUN_LIMIT']);
      expect(history.events[0]).toMatchObject({ bounds: { runsPerUser: 1 } });
    });

    it('records a crash as one, and the service returns', async (context) => {
      const history = await worldFor(context).play(
        caseWith({
          request: 'crash, please',
          after: [{ do: 'ask', run: 'run-2', thread: 'thread-2', request: 'And now?' }],
        }),
        { defect: { module: new URL('./crashing.fixture.ts', import.meta.url).href, name: 'crashing' } },
      );
      expect(eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'crashed')).toMatchObject([
        { instance: 1 },
      ]);
      expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }, { instance: 2 }]);
      expect(answersIn(history)).toContain('alice/run-2');
    });

    it('replaces the pipeline by another version of it, on the same stores', async (context) => {
      const module = new URL('./versions.fixture.ts', import.meta.url).href;
      const history = await worldFor(context).play(twoVersionsCase(), { module });
      expect(
        history.events.flatMap((event) =>
          event.type === 'process-started' || event.type === 'process-exited'
            ? [`${event.type} ${event.process} ${event.instance}`]
            : [],
        ),
      ).toEqual([
        'process-started pipeline@older 1',
        'process-exited pipeline@older 1',
        'process-started pipeline 2',
        'process-exited pipeline 2',
      ]);
      expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-2']);
      const thoughts = eventsOf(history, 'seen').flatMap(({ frame }) => {
        const {
          type,
          run_id: run,
          payload,
        } = frame as {
          type: string;
          run_id?: string;
          payload?: { reasoning?: string; cached_from?: string };
        };
        if (type === 'agent_thinking' && payload?.reasoning === 'as the older version does') return [run];
        return payload?.cached_from === undefined ? [] : [`${run} has what ${payload.cached_from} found`];
      });
      expect([...new Set(thoughts)]).toEqual(['run-1', 'run-2 has what run-1 found']);
    });

    it('plays as before after a crash', async (context) => {
      const history = await worldFor(context).play(cleanCase());
      expect(answersIn(history)).toEqual(['alice/run-1', 'alice/run-2', 'bob/run-1']);
      expect(eventsOf(history, 'process-started')).toMatchObject([{ instance: 1 }]);
    });

    it('stops when it is told to', async (context) => {
      const world = worldFor(context);
      const stop = new AbortController();
      stop.abort();
      await expect(world.play(cleanCase(), { signal: stop.signal })).rejects.toThrow();
      expect(answersIn(await world.play(cleanCase()))).toHaveLength(3);
    });
  });
}

/** The names of all that passed on the wires which look the same in every world. */
export function messageNames(history: History): string[] {
  const names = eventsOf(history, 'passed')
    .map(({ message }) => message ?? '')
    .filter((name) => /^(redis|model|agent|tool)[<>]/.test(name));
  return [...new Set(names)].sort();
}

/** Who started and who ended, by process. */
function processesIn(history: History): string[] {
  return history.events
    .flatMap((event) => {
      if (event.type === 'process-started') return [`${event.process} started`];
      return event.type === 'process-exited' ? [`${event.process} ${event.cause}`] : [];
    })
    .sort();
}

function processesUnder({ process, secondGateway }: Case): string[] {
  const gateways = ['pipeline', ...(secondGateway === undefined ? [] : ['pipeline-2'])];
  const killed = (process ?? []).flatMap(({ fate }) => {
    if (fate.do === 'kill-redis') return ['redis'];
    return fate.do === 'kill-gateway' ? [gateways[(fate.gateway ?? 1) - 1] ?? ''] : [];
  });
  return [
    ...gateways.flatMap((name) => [`${name} started`, `${name} asked`]),
    ...killed.flatMap((name) => [`${name} killed`, `${name} started`]),
  ].sort();
}

export function answersIn(history: History): string[] {
  const answers = eventsOf(history, 'seen').flatMap(({ user, frame }) => {
    const { type, run_id: run } = (frame ?? {}) as { type?: string; run_id?: string };
    return type === 'run_completed' ? [`${user}/${run}`] : [];
  });
  return [...new Set(answers)].sort();
}

function storedKeys(history: History): string[] {
  // A gateway's own name is another in each process.
  const keys = eventsOf(history, 'stored').map(({ key }) => key.replace(/:g:.*$/, ':g:'));
  return [...new Set(keys)].sort();
}
