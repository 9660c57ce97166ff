import { performance } from 'node:perf_hooks';
import { Redis, type RedisOptions } from 'ioredis';
import { systemClock } from '../src/adapters/system-clock.ts';
import { createEventLog } from '../src/delivery/event-log.ts';
import { createStore } from '../src/delivery/store.ts';
import { keysUnder } from '../src/keys.ts';
import type { Figure } from './bench.ts';
import { reasoning } from './delivery-flight.ts';
import { compare } from './rounds.ts';

const writers = 64;
const appendsOfEach = 200;
const rounds = 9;

/** Appends to the durable log by many runs at once, beside the bare client with automatic pipelines. */
export async function appends(options: RedisOptions): Promise<Figure> {
  const bare = new Redis({ ...options, enableAutoPipelining: true });
  const store = createStore(
    { options, keyPrefix: 'appends:' },
    { clock: systemClock, commandMs: 10_000, silenceMs: 5_000, onError: () => {}, onReady: () => {} },
  );
  await store.start();
  const log = createEventLog(store.redis, keysUnder('appends:'), 3_600);
  const text = JSON.stringify({ type: 'agent_thinking', payload: { reasoning } });
  let round = 0;
  const rate = async (append: (run: string, sequence: number) => Promise<unknown>): Promise<number> => {
    round += 1;
    const started = performance.now();
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let sequence = 1; sequence <= appendsOfEach; sequence++)
          await append(`run-${round}-${writer}`, sequence);
      }),
    );
    return (writers * appendsOfEach) / ((performance.now() - started) / 1000);
  };
  try {
    const [peer, own] = await compare(
      [
        {
          name: 'bare',
          rate: () => rate((run, sequence) => bare.xadd(run, `${sequence}-0`, 'n', sequence, 'e', text)),
        },
        {
          name: 'ours',
          rate: () =>
            rate((run, sequence) => log.append({ user: 'alice', run }, sequence, [text], sequence === 1)),
        },
      ],
      rounds,
    );
    if (peer === undefined || own === undefined) throw new Error('nothing was compared');
    return {
      what: `appends to the log, ${writers} runs at once`,
      value: `${Math.round(own.rate)}/s`,
      peer: `bare ioredis XADD, pipelined (${Math.round(peer.rate)}/s)`,
      ratio: own.ratio,
      goal: { says: '>= 0.80', met: own.ratio >= 0.8 },
    };
  } finally {
    bare.disconnect();
    await store.close();
  }
}
