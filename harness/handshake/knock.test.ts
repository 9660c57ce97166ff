import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../case.ts';
import { eventsOf, type History } from '../history.ts';
import { createSimulatedWorld } from '../worlds/simulated/pool.ts';
import type { Knock } from './knock.ts';

const world = createSimulatedWorld({ threads: 1 });
afterAll(() => world.close());

const plain: Knock = {
  do: 'knock',
  token: 'good',
  offer: 'usual',
  origin: 'none',
  atOnce: 1,
  pieces: 1,
  betweenMs: 0,
  says: [],
  staysMs: 0,
  answersPings: true,
};

function play(knock: Partial<Knock>, faults: Case['faults'] = []): Promise<History> {
  return world.play({
    schema: 'faultline.case/1',
    scenario: 'by-hand/knock',
    seed: 7,
    users: [{ id: 'alice', arrivesAtMs: 0, confirms: 'all', actions: [{ ...plain, ...knock }] }],
    model: [{ user: 'alice', run: 'run-1', sufficiency: 'sufficient', chunks: 1 }],
    faults,
    contaminations: [],
    schedule: [],
  });
}

/** What alice saw and did, in words. */
function story(history: History): string[] {
  return history.events.flatMap((event) => {
    if (event.actor !== 'user:alice') return [];
    switch (event.type) {
      case 'sent':
        return [`sent ${typeOf(event.frame)}`];
      case 'seen':
        return [`seen ${typeOf(event.frame)}`];
      case 'connection-refused':
        return [`refused ${event.status} ${event.code}`];
      case 'connection-closed':
        return [`closed ${event.code} ${event.reason} by ${event.by}`];
      default:
        return [event.type];
    }
  });
}

function typeOf(frame: unknown): string {
  return (frame as { type: string }).type;
}

describe('a knock at the reference pipeline', () => {
  it.each([
    ['none', 'refused 401 AUTH_TOKEN_MISSING'],
    ['malformed', 'refused 401 AUTH_TOKEN_MALFORMED'],
    ['expired', 'refused 401 AUTH_TOKEN_EXPIRED'],
    ['other-key', 'refused 401 AUTH_TOKEN_INVALID'],
    ['unsigned', 'refused 401 AUTH_TOKEN_INVALID'],
    ['other-audience', 'refused 401 AUTH_TOKEN_INVALID'],
  ] as const)('with token %s is %s', async (token, refused) => {
    expect(story(await play({ token }))).toEqual(['knocked', refused]);
  });

  it('without the subprotocol, or from a foreign page, is refused', async () => {
    expect(story(await play({ offer: 'without-subprotocol' }))).toEqual([
      'knocked',
      'refused 400 SUBPROTOCOL_REFUSED',
    ]);
    for (const origin of ['foreign', 'null'] as const)
      expect(story(await play({ origin }))).toEqual(['knocked', 'refused 403 ORIGIN_REFUSED']);
  });

  it('in pieces, with messages right behind it, is let in, and they are answered once it is ready', async () => {
    const history = await play({
      offer: 'token-first',
      pieces: 5,
      betweenMs: 3,
      says: [
        { at: 'upgrade', what: 'ping' },
        { at: 'answer', what: 'start', run: 'run-1' },
        { at: 'welcome', what: 'resume', run: 'no-such-run', after: 7 },
      ],
    });
    const told = story(history);
    expect(told.slice(0, 6)).toEqual([
      'knocked',
      'sent ping',
      'connection-opened',
      'sent start_agent',
      'seen connection_established',
      'sent resume',
    ]);
    for (const each of ['seen pong', 'seen run_accepted', 'seen error', 'seen run_completed'])
      expect(told.filter((line) => line === each)).toHaveLength(1);
    expect(told.at(-1)).toBe('closed 1006  by user');
  });

  it('may come many times at once', async () => {
    const history = await play({ atOnce: 3, says: [{ at: 'upgrade', what: 'start', run: 'run-1' }] });
    const completed = eventsOf(history, 'seen').filter(({ frame }) => typeOf(frame) === 'run_completed');
    expect(
      completed.map(({ connection, frame }) => [connection, (frame as { run_id: string }).run_id]),
    ).toHaveLength(3);
    expect(new Set(completed.map(({ connection }) => connection)).size).toBe(3);
  });

  it.each(['fin', 'reset'] as const)('may leave by %s before it is answered', async (by) => {
    const slow: Case['faults'][number] = {
      at: { wire: 'redis', direction: 'request', user: 'alice', kind: 'exists.revoked', count: 1 },
      fate: { do: 'delay', ms: 200 },
    };
    const history = await play(
      {
        says: [{ at: 'upgrade', what: 'start', run: 'run-1' }],
        leaves: { after: 'upgrade', ms: 50, by },
      },
      [slow],
    );
    expect(story(history)).toEqual(['knocked', 'sent start_agent', 'closed 1006  by user']);
    expect(eventsOf(history, 'fault-fired')).toHaveLength(1);
    expect(eventsOf(history, 'stored').filter(({ run }) => run === 'run-1')).toEqual([]);
  });

  it('may fall silent, and is let go within the promised time', async () => {
    const history = await play({ answersPings: false, staysMs: 20_000 });
    const [silent] = eventsOf(history, 'fell-silent');
    const [closed] = eventsOf(history, 'connection-closed');
    const bound = eventsOf(history, 'case-started')[0]?.bounds.peerMs ?? 0;
    expect(closed).toMatchObject({ code: 1006, by: 'other' });
    expect((closed?.at ?? 0) - (silent?.at ?? 0)).toBeLessThan(bound + 10);
    expect((closed?.at ?? 0) - (silent?.at ?? 0)).toBeGreaterThan(2_900);
  });

  it('may stay for long, and is not let go while it answers pings', async () => {
    const history = await play({ staysMs: 20_000 });
    expect(story(history).at(-1)).toBe('closed 1006  by user');
  });
});
