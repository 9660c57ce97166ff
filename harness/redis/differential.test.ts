import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { longStreams, type Step, steps } from './random-commands.fixture.ts';
import { type RealServer, realVersion, startRealServer } from './real-server.fixture.ts';
import { difference } from './two-servers.fixture.ts';
import { simulatedVersion } from './version.ts';

const version = realVersion();
let server: RealServer | null = null;

beforeAll(async () => {
  if (version === simulatedVersion) server = await startRealServer();
});
afterAll(async () => {
  await server?.close();
});

/** The real server, or the test is skipped with the reason. */
function realServer(ctx: TestContext): RealServer {
  if (server !== null) return server;
  return ctx.skip(
    version === null
      ? 'there is no redis-server on the PATH'
      : `redis-server is ${version}, the simulation is of ${simulatedVersion}`,
  );
}

const fixedSeed = 585;
const seeds = [
  fixedSeed,
  ...(process.env.FAULTLINE_SEED === undefined ? [] : [Number(process.env.FAULTLINE_SEED)]),
];
/** FAULTLINE_SEED plays another seed too, FAULTLINE_RUNS more or fewer cases of about 100 commands. */
const defaultRuns = 150;
const runs = Number(process.env.FAULTLINE_RUNS ?? defaultRuns);
const limitMs = 120_000 * Math.max(1, runs / defaultRuns);
/** Shrinking ends in time to tell what it has got. */
const withinLimit = { interruptAfterTimeLimit: limitMs * 0.75, markInterruptAsFailure: true };

describe('the simulated Redis and a real one', () => {
  for (const seed of seeds) {
    it(
      `answer random commands of three connections alike (seed ${seed})`,
      async (ctx) => {
        const against = realServer(ctx);
        let commands = 0;
        let undecided = 0;
        await fc.assert(
          fc.asyncProperty(steps, async (played) => {
            const found = await difference(against, played);
            if (found === 'undecided') {
              undecided += 1;
              return;
            }
            commands += played.reduce((sum, step) => sum + step.commands.length, 0);
            expect(found).toBeNull();
          }),
          { seed, numRuns: runs, ...withinLimit },
        );
        expect(commands).toBeGreaterThanOrEqual(10_000 * (runs / defaultRuns));
        expect(undecided).toBeLessThan(runs / 10);
      },
      limitMs,
    );
  }

  it(
    'drop the same blocks of long streams',
    async (ctx) => {
      const against = realServer(ctx);
      await fc.assert(
        fc.asyncProperty(longStreams, async (played) => {
          expect(await difference(against, played)).toBeNull();
        }),
        { seed: fixedSeed, numRuns: Math.ceil(runs / 3), ...withinLimit },
      );
    },
    limitMs,
  );

  it('let keys expire alike, and let watchers know', async (ctx) => {
    const against = realServer(ctx);
    const pause: Step = { connection: 2, commands: [['blpop', 'nothing', '0.35']] };
    const on = (connection: number, ...lines: string[]): Step => ({
      connection,
      commands: lines.map((line) => line.split(' ')),
    });
    const played = [
      on(0, 'set a 1 px 300', 'set b 1 px 300', 'rpush c 1', 'pexpire c 300', 'hset d f 1', 'watch a b'),
      on(1, 'get a', 'watch d e', 'multi', 'get a'),
      pause,
      on(1, 'get a', 'exists b c d', 'exec', 'lrange c 0 -1', 'keys *', 'scan 0'),
      on(0, 'multi', 'set d 2', 'exec'),
      on(0, 'set a 1 px 300'),
      pause,
      on(0, 'watch a', 'multi', 'ping', 'exec', 'type a', 'pttl a'),
      on(0, 'set a 1 px 300', 'watch a', 'persist a', 'multi', 'get a', 'exec'),
      pause,
      on(0, 'ttl a', 'rename a e', 'dbsize', 'set z 1 px 300', 'watch z'),
      pause,
      on(0, 'multi', 'ping', 'exec', 'get z'),
    ];
    expect(await difference(against, played)).toBeNull();
  });
});
