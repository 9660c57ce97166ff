import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fromSource } from '../../adapters/from-source.fixture.ts';
import { systemRooms } from '../../adapters/rooms.ts';
import type { AgentMeans, AgentName } from '../../agents/agent.ts';
import { PipelineError } from '../../errors.ts';
import { createPlace } from './create-place.ts';
import type { Place, PlacedTurn } from './place.ts';
import { createRoomPlace } from './room-place.ts';
import type { AgentSource } from './room-words.ts';
import type { RoomHears, Rooms } from './rooms.ts';

// As a gateway is started that has its secrets from a file.
const ownFlags = [
  `--env-file=${fileURLToPath(new URL('./room-secret.fixture.env', import.meta.url))}`,
  '--max-old-space-size=2000',
];
const rooms = systemRooms([...ownFlags, ...fromSource]);
const module = new URL('./room-agents.fixture.ts', import.meta.url).href;
process.env.ROOM_SECRET = 'only for the gateway';

describe.each(['worker', 'child'] as const)('a %s', (kind) => {
  const sources = Object.fromEntries(
    [
      'work',
      'count',
      'throw',
      'throw-code',
      'model-fails',
      'lets-go',
      'long-name',
      'linger',
      'flood',
      'nothing',
    ].map((does) => [does, { module, export: 'RoomAgent', options: { does } }]),
  ) as unknown as Record<AgentName, AgentSource>;
  const place: Place = createPlace({
    place: kind,
    rooms,
    sources,
    memoryBytes: 512 * 1024 * 1024,
    roomsMost: 2,
  });
  afterAll(() => place.close());

  const told: string[] = [];
  const turn = (does: string, signal = new AbortController().signal): PlacedTurn => ({
    agent: does as AgentName,
    input: { user_id: 'u', thread_id: 't', run_id: 'r', request: 'hello', assignment: 'a', results: {} },
    means: means(told),
    signal,
    fresh: () => {
      throw new Error('not in this thread');
    },
    encode: () => {
      throw new Error('not in this thread');
    },
    lived: (stage) => told.push(stage),
    disposeFailed: (thrown) => told.push(`dispose failed: ${String(thrown).split('\n')[0]}`),
  });

  it('hands an agent all that it may use, encodes what it returns, and knows no secret', async () => {
    told.length = 0;
    const run = place.open();
    const { text, account } = await run.run(turn('work'));
    run.close();
    expect(JSON.parse(text)).toEqual({
      text: 'said',
      tool: { ok: true, tool: 'a-tool', data: { a: [1, { b: null }] }, account: [] },
      secret: 'none',
    });
    expect(account).toEqual([{ path: ['live'], kind: 'lost', reason: 'function' }]);
    expect(told).toEqual(['created', 'thinking in a room', 'asked hello', 'called a-tool id-1', 'disposed']);
  });

  it('serves one run, and is ended with it: the next finds nothing', async () => {
    const [first, second] = [place.open(), place.open()];
    const texts = [];
    texts.push((await first.run(turn('count'))).text, (await first.run(turn('count'))).text);
    first.close();
    texts.push((await second.run(turn('count'))).text);
    second.close();
    expect(texts).toEqual(['{"turns":1}', '{"turns":2}', '{"turns":1}']);
    expect(told).toContain('dispose failed: Error: Error: stuck');
  });

  it.each([
    ['throw', 'AGENT_FAILED'],
    ['throw-code', 'MODEL_TIMEOUT'],
    ['model-fails', 'MODEL_REFUSED'],
    ['nothing', 'AGENT_RETURNED_NOTHING'],
    ['flood', 'AGENT_FAILED'],
  ])('tells by a code how an agent failed: %s', async (does, code) => {
    const run = place.open();
    await expect(run.run(turn(does))).rejects.toMatchObject({ code });
    run.close();
  });

  it('survives a promise that its agent lets go of', async () => {
    const run = place.open();
    expect((await run.run(turn('lets-go'))).text).toBe('{"well":true}');
    run.close();
  });

  it('hands on a call of a tool whatever the model named it', async () => {
    const run = place.open();
    expect(JSON.parse((await run.run(turn('long-name'))).text)).toMatchObject({ tool: 'n'.repeat(300) });
    run.close();
    expect(told).toContain(`called ${'n'.repeat(300)} ${'i'.repeat(300)}`);
  });

  it('that goes on after its turn is ended, and the next turn is served by another', async () => {
    const run = place.open();
    expect((await run.run(turn('linger'))).text).toBe('{"well":true}');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await run.run(turn('count'))).text).toBe('{"turns":1}');
    run.close();
  });

  it('that cannot be had in time is waited for no longer', async () => {
    const held = [place.open(), place.open()];
    for (const run of held) await run.run(turn('count'));
    const late = new AbortController();
    const waiting = place.open().run(turn('count', late.signal));
    late.abort(new PipelineError('AGENT_TIMEOUT'));
    await expect(waiting).rejects.toMatchObject({ code: 'AGENT_TIMEOUT' });
    const next = place.open();
    const patient = next.run(turn('count'));
    for (const run of held) run.close();
    expect((await patient).text).toBe('{"turns":1}');
    next.close();
  });
});

describe('where rooms cannot be opened', () => {
  const bounds = { memoryBytes: 1, messageBytes: 1 };
  const sources = { work: { module, export: 'RoomAgent' } } as unknown as Record<AgentName, AgentSource>;
  const turn = (signal = new AbortController().signal): PlacedTurn => ({
    agent: 'work' as AgentName,
    input: { user_id: 'u', thread_id: 't', run_id: 'r', request: 'hello', assignment: 'a', results: {} },
    means: means([]),
    signal,
    fresh: () => ({ run: async () => null }),
    encode: () => ({ text: '', account: [] }),
    lived: () => {},
    disposeFailed: () => {},
  });

  /** Rooms that return at once, and none while the machine is full. */
  function machine(roomsMost: number) {
    const state = { isFull: false, open: 0, ends: [] as RoomHears[] };
    const opened: Rooms = {
      open: (_kind, _bounds, hears) => {
        if (state.isFull) throw new Error('spawn ENOMEM');
        state.open += 1;
        state.ends.push(hears);
        let isOpen = true;
        queueMicrotask(() => hears.heard('{"did":"load"}'));
        return {
          tell: () => queueMicrotask(() => hears.heard('{"did":"return","text":"done","account":[]}')),
          end: () => {
            if (isOpen) state.open -= 1;
            isOpen = false;
          },
        };
      },
    };
    return { state, place: createRoomPlace({ kind: 'child', rooms: opened, sources, bounds, roomsMost }) };
  }

  it('turns fail by a code, those that succeed and runs that end notice nothing, and no place is lost', async () => {
    const { state, place } = machine(2);
    const run = place.open();
    state.isFull = true;
    expect((await run.run(turn())).text).toBe('done');
    await expect(place.open().run(turn())).rejects.toMatchObject({ code: 'AGENT_EXITED' });
    run.close();
    expect(state.open).toBe(0);
    state.isFull = false;
    const runs = [place.open(), place.open()];
    for (const each of runs) expect((await each.run(turn())).text).toBe('done');
    for (const each of runs) each.close();
    // The one that is loaded ahead.
    expect(state.open).toBe(1);
  });

  it('who waits for one is told, and so is who waits behind', async () => {
    const { state, place } = machine(1);
    const run = place.open();
    await run.run(turn());
    const waiting = [place.open().run(turn()), place.open().run(turn())];
    state.isFull = true;
    run.close();
    const told = await Promise.allSettled(waiting);
    expect(told).toMatchObject([{ reason: { code: 'AGENT_EXITED' } }, { reason: { code: 'AGENT_EXITED' } }]);
  });

  it('one loaded ahead that is gone takes no place from others', async () => {
    const { state, place } = machine(2);
    const run = place.open();
    await run.run(turn());
    state.ends[1]?.gone({ by: 'exit', code: 'SPAWN_FAILED' });
    run.close();
    const runs = [place.open(), place.open()];
    for (const each of runs) expect((await each.run(turn())).text).toBe('done');
  });
});

function means(told: string[]): AgentMeans {
  return {
    model: {
      complete: async ({ messages }) => {
        const [first] = messages;
        if (first === undefined) throw new PipelineError('MODEL_REFUSED', { detail: 'nothing asked' });
        told.push(`asked ${first.content}`);
        return { text: 'said', toolCalls: [] };
      },
    },
    tools: {
      call: async (tool, args, id) => {
        told.push(`called ${tool} ${id}`);
        if (id === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
        return { ok: true, tool, data: args, account: [] };
      },
    },
    emit: { thinking: async (reasoning) => void told.push(`thinking ${reasoning}`) },
  };
}
