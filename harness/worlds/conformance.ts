import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Case } from '../case.ts';
import { type FateName, type Fault, fates, fits } from '../fault.ts';
import { eventsOf, type History } from '../history.ts';
import { type Direction, type Pattern, type WireName, wireNames } from '../message.ts';
import type { World } from '../world.ts';

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

/** Two users, three runs, nothing wrong. */
export function cleanCase(): Case {
  return caseWith({
    after: [{ do: 'ask', run: 'run-2', thread: 'thread-1', request: 'Which model should we use for chat?' }],
  });
}

/** The names of all that passed on the wires which look the same in every world. */
export function messageNames(history: History): string[] {
  const names = eventsOf(history, 'passed')
    .map(({ message }) => message ?? '')
    .filter((name) => /^(redis|model|agent|tool)[<>]/.test(name));
  return [...new Set(names)].sort();
}

interface CaseOptions {
  readonly request?: string;
  readonly after?: Case['users'][number]['actions'];
  readonly faults?: Case['faults'];
  readonly contaminations?: Case['contaminations'];
  readonly schedule?: Case['schedule'];
}

/** Alice, on whom everything falls, and bob, who did nothing wrong. */
function caseWith(options: CaseOptions): Case {
  const question = 'How can we lower the cost of our model calls?';
  return {
    schema: 'faultline.case/1',
    scenario: 'conformance',
    seed: 42,
    users: [
      {
        id: 'alice',
        arrivesAtMs: 0,
        confirms: 'all',
        actions: [
          { do: 'connect' },
          { do: 'ask', run: 'run-1', thread: 'thread-1', request: options.request ?? question },
          ...(options.after ?? []),
        ],
      },
      {
        id: 'bob',
        arrivesAtMs: 5,
        confirms: 'all',
        actions: [{ do: 'connect' }, { do: 'ask', run: 'run-1', thread: 'thread-1', request: question }],
      },
    ],
    model: ['alice/run-1', 'alice/run-2', 'bob/run-1'].map((name) => {
      const [user = '', run = ''] = name.split('/');
      return { user, run, sufficiency: 'sufficient' as const, chunks: 3 };
    }),
    faults: options.faults ?? [],
    contaminations: options.contaminations ?? [],
    schedule: options.schedule ?? [],
  };
}

/** On each wire a message of alice's that a case always has, and whose loss ends in seconds, not in patience. */
const targets: { readonly [wire in WireName]: { readonly [direction in Direction]: string } } = {
  client: { request: 'event_confirmation', reply: 'agent_thinking' },
  redis: { request: 'xadd.events', reply: 'xadd.events' },
  model: { request: 'data', reply: 'data' },
  tool: { request: 'fetch_usage_metrics', reply: 'fetch_usage_metrics' },
  agent: { request: 'data', reply: 'data' },
};

function plannedFates(): { readonly title: string; readonly fault: Fault }[] {
  const names = (Object.keys(fates) as FateName[]).filter(
    (name) => name !== 'pass' && name !== 'contaminate',
  );
  return names.flatMap((name) =>
    wireNames.flatMap((wire) =>
      (['request', 'reply'] as const)
        .filter((direction) => fits(name, { wire, direction }))
        .flatMap((direction) =>
          fatesOf(name, wire).map((fate) => ({
            title: `${name}${fate.do === 'cut' ? ` ${fate.when}` : ''}: ${wire}, ${direction}`,
            fault: { at: targetOf(wire, direction, fate), fate },
          })),
        ),
    ),
  );
}

function fatesOf(name: FateName, wire: WireName): Fault['fate'][] {
  switch (name) {
    case 'delay':
      return [{ do: 'delay', ms: 30 }];
    case 'hold':
      return [{ do: 'hold', until: { wire: 'agent', user: 'bob', kind: 'reporting' }, atMostMs: 100 }];
    case 'fail':
      return [
        {
          do: 'fail',
          error: { client: '503', redis: 'OOM', model: '500', tool: 'Broken', agent: 'Broken' }[wire],
        },
      ];
    case 'cut':
      return [
        { do: 'cut', when: 'before' },
        { do: 'cut', when: 'after' },
      ];
    case 'drop':
    case 'duplicate':
    case 'reorder':
    case 'garble':
      return [{ do: name }];
    default:
      return [];
  }
}

function targetOf(wire: WireName, direction: Direction, fate: Fault['fate']): Pattern {
  // Only an upgrade can be answered with an error.
  if (wire === 'client' && fate.do === 'fail')
    return { wire, direction, user: 'alice', kind: 'upgrade', count: 1 };
  return { wire, direction, user: 'alice', run: 'run-1', kind: targets[wire][direction], count: 1 };
}

function answersIn(history: History): string[] {
  const answers = eventsOf(history, 'seen').flatMap(({ user, frame }) => {
    const { type, run_id: run } = (frame ?? {}) as { type?: string; run_id?: string };
    return type === 'run_completed' ? [`${user}/${run}`] : [];
  });
  return [...new Set(answers)].sort();
}

function storedKeys(history: History): string[] {
  return [...new Set(eventsOf(history, 'stored').map(({ key }) => key))].sort();
}
