import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case } from '../case.ts';
import { eventsOf, type History } from '../history.ts';
import { type AgentPlace, agentPlaces, misbehaviours, survivalOf } from '../misbehaviour.ts';
import type { World } from '../world.ts';
import { answersIn, messageNames } from './conformance/readings.ts';
import { asOne } from './conformance/several-worlds.ts';
import { caseWith } from './conformance-cases.ts';
import { createRealWorld } from './real/world.ts';
import { createSimulatedWorld } from './simulated/pool.ts';

/**
 * What holds the model of the places, by which a simulation plays, against threads and processes. Most of it is
 * waiting for agents that never come back: where they run is tried side by side.
 */
describe.each([
  ['the simulated world', async () => createSimulatedWorld()],
  [
    'the real world',
    async () => asOne(await Promise.all(agentPlaces.map(() => createRealWorld({ redis: 'embedded' })))),
  ],
] as const)('%s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world.close());

  it.concurrent.for(agentPlaces)(
    '%s: what an agent does in place of its work ends its own turn',
    async (place) => {
      const history = await world.play(misbehavingCase(place));
      const found = planned.map(({ user, run, fate }, fault) => {
        const skipped = eventsOf(history, 'fault-skipped').find((event) => event.fault === fault);
        if (skipped !== undefined) return { user, run, why: skipped.why.replace(/^.*?: /, '') };
        const fired = eventsOf(history, 'fault-fired').filter((event) => event.fault === fault);
        return { user, run, fired: fired.map((event) => event.fate), code: codeIn(history, user, run), fate };
      });
      expect(found).toEqual(
        planned.map(({ user, run, fate }) => {
          const survival = survivalOf(place, fate);
          return 'code' in survival
            ? { user, run, fired: [fate], code: survival.code, fate }
            : { user, run, why: survival.notApplicable };
        }),
      );
      expect(answersIn(history).filter((name) => name.startsWith('bob'))).toEqual(['bob/run-1', 'bob/run-2']);
      for (const run of ['run-1', 'run-2']) expect(codeIn(history, 'bob', run)).toBeUndefined();
      expect(eventsOf(history, 'process-exited').filter(({ cause }) => cause === 'crashed')).toEqual([]);
    },
  );

  it.for(['worker', 'child'] as const)('%s: in all else a case is what it is in process', async (place) => {
    const at = { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 } as const;
    const path = ['analysis_type'];
    const playing = caseWith({ contaminations: [{ at, path, recipe: 'function' }] });
    const history = await world.play({ ...playing, agentPlace: place });
    expect(insidesOf(history)).toEqual(insidesOf(await world.play(playing)));
    const poisoned = eventsOf(history, 'agent-returned').filter((event) => event.poisoned.length > 0);
    expect(poisoned).toMatchObject([
      { user: 'alice', agent: 'data', poisoned: [{ path, recipe: 'function' }] },
    ]);
  });
});

const planned = [
  { user: 'alice', run: 'run-1', fate: misbehaviours.hang },
  { user: 'alice', run: 'run-2', fate: misbehaviours['return-nothing'] },
  { user: 'alice', run: 'run-3', fate: misbehaviours.exit },
  { user: 'carol', run: 'run-1', fate: misbehaviours.spin },
  { user: 'dave', run: 'run-1', fate: misbehaviours['exhaust heap'] },
  { user: 'dave', run: 'run-2', fate: misbehaviours['exhaust buffers'] },
];

/** Three users whose agents do all that an agent can do in place of its work, each in a run of its own; and bob. */
function misbehavingCase(agentPlace: AgentPlace): Case {
  const asks = [
    ...planned.map(({ user, run }) => ({ user, run })),
    { user: 'bob', run: 'run-1' },
    { user: 'bob', run: 'run-2' },
  ];
  return {
    ...caseWith({}),
    agentPlace,
    users: ['alice', 'carol', 'dave', 'bob'].map((id, index) => ({
      id,
      // One after the other: threads and processes are loaded from source here.
      arrivesAtMs: index * 500,
      confirms: 'all',
      actions: [
        { do: 'connect' },
        ...asks
          .filter(({ user }) => user === id)
          .map(({ run }) => ({ do: 'ask' as const, run, thread: `of-${run}`, request: `${id}, ${run}?` })),
      ],
    })),
    model: asks.map((ask) => ({ ...ask, sufficiency: 'sufficient', chunks: 2 })),
    faults: planned.map(({ user, run, fate }) => ({
      at: { wire: 'agent', direction: 'request', user, run, kind: 'optimization' },
      fate,
    })),
  };
}

/** The code with which the agent's turn failed. */
function codeIn(history: History, user: string, run: string): string | undefined {
  for (const { user: whose, frame } of eventsOf(history, 'seen')) {
    const { type, run_id, agent_name, payload } = (frame ?? {}) as {
      type?: string;
      run_id?: string;
      agent_name?: string;
      payload?: { status?: string; code?: string };
    };
    const isMeant = whose === user && run_id === run && type === 'agent_completed';
    if (isMeant && agent_name === 'optimization' && payload?.status === 'failed') return payload.code;
  }
  return undefined;
}

function insidesOf(history: History): string[] {
  return messageNames(history).filter((name) => /^(agent|model|tool)/.test(name));
}
