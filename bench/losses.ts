import type { RedisOptions } from 'ioredis';
import type { Figure } from './bench.ts';
import { clientOf, startServer } from './delivery-contenders.ts';
import type { ContenderKind } from './delivery-wire.ts';
import { openLossGate } from './loss-gate.ts';

const events = 2_000;
const everyMs = 1;
const cutAfter = [500, 1_000, 1_500];
const runs = 5;
/** Both the interval of every contender's heartbeat and the time for its answer, ms. */
const heartbeatMs = 250;
/** After the last event, for those that were sent to arrive, ms. */
const settleMs = 1_500;

const kinds = ['ours', 'ws', 'socket.io', 'socket.io with recovery'] as const satisfies ContenderKind[];
const names: { readonly [K in (typeof kinds)[number]]: string } = {
  ours: 'ours',
  ws: 'ws, connecting again',
  'socket.io': 'socket.io emitWithAck',
  'socket.io with recovery': 'socket.io with state recovery',
};

const ways = {
  cut: 'clean cut',
  halfOpen: 'half-open',
  oneSided: 'half-open, the client is told',
} as const;

/** What arrives of 2,000 events, one each millisecond, where the connection breaks three times. */
export async function losses(redis: RedisOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const how of ['cut', 'halfOpen', 'oneSided'] as const) {
    const sums = new Map(kinds.map((kind) => [kind, { lost: 0, doubled: 0, outOfOrder: 0 }]));
    for (let run = 0; run < runs; run++) {
      await Promise.all(
        kinds.map(async (kind) => {
          const sum = sums.get(kind);
          const seen = await eventsSeen(kind, how, redis);
          if (sum === undefined) return;
          sum.lost += events - new Set(seen).size;
          sum.doubled += seen.length - new Set(seen).size;
          sum.outOfOrder += seen.filter((number, index) => number < (seen[index - 1] ?? 0)).length;
        }),
      );
    }
    for (const kind of kinds) {
      const { lost, doubled, outOfOrder } = sums.get(kind) ?? { lost: Number.NaN, doubled: 0, outOfOrder: 0 };
      figures.push({
        what: `${ways[how]}: ${names[kind]}`,
        value: `${((100 * lost) / (events * runs)).toFixed(1)} % lost, ${doubled} doubled, ${outOfOrder} out of order`,
        ...(kind === 'ours' ? { goal: { says: '0, 0, 0', met: lost + doubled + outOfOrder === 0 } } : {}),
      });
    }
  }
  return figures;
}

/** Numbers of the events that the application was given, in the order in which it was. */
async function eventsSeen(
  kind: (typeof kinds)[number],
  how: keyof typeof ways,
  redis: RedisOptions,
): Promise<readonly number[]> {
  const server = await startServer({ kind, durable: kind === 'ours', redis, heartbeatMs });
  const address = new URL(server.url);
  const gate = await openLossGate(Number(address.port));
  address.port = String(gate.port);
  const client = await clientOf[kind]({ url: address.href, user: 'alice', confirmAfter: 256, heartbeatMs });
  const seen: number[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      server.onProduced((number) => {
        if (cutAfter.includes(number)) gate[how]();
        // Who promises every event says itself when there are no more.
        if (number === events && kind !== 'ours') setTimeout(resolve, settleMs);
      });
      client
        .run({ count: events, everyMs }, (number) => seen.push(number))
        .then(() => {
          if (kind === 'ours') resolve();
        }, reject);
    });
    return seen;
  } finally {
    await client.close();
    gate.close();
    await server.stop();
  }
}
