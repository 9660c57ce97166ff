import type { RedisOptions } from 'ioredis';
import type { Figure } from './bench.ts';
import { type BenchClient, clientOf, startServer } from './delivery-contenders.ts';

const heartbeatMs = 25_000;
const counts = [10, 100, 1_000];
const eventsTogether = 10_000;
const inFlight = 10;
const eventsOfOneRun = 20_000;

/** What connections and acknowledged events leave in a gateway, and how its cost grows with connections. */
export async function connectionsOn(redis: RedisOptions): Promise<readonly Figure[]> {
  const server = await startServer({ kind: 'ours', durable: true, redis, heartbeatMs });
  const clients: BenchClient[] = [];
  const connectUpTo = async (count: number): Promise<void> => {
    while (clients.length < count)
      clients.push(
        await clientOf.ours({
          url: server.url,
          user: `user-${clients.length}`,
          confirmAfter: inFlight,
          heartbeatMs,
        }),
      );
  };
  const figures: Figure[] = [];
  try {
    for (const count of counts) {
      const [first = 0, before] = [clients.length, await server.ask('memory')];
      await connectUpTo(count);
      const perConnection = ((await server.ask('memory')) - before) / (count - first);
      const work = { count: eventsTogether / count, window: inFlight };
      // Once for warmth: the first runs are compiled.
      await Promise.all(clients.map((client) => client.run(work)));
      const busyBefore = await server.ask('processor');
      await Promise.all(clients.map((client) => client.run(work)));
      const busyUs = (((await server.ask('processor')) - busyBefore) * 1_000) / eventsTogether;
      figures.push(
        {
          what: `${count} connections: memory of an idle one`,
          value: `${(perConnection / 1_024).toFixed(1)} KiB`,
        },
        { what: `${count} connections: processor time of an event`, value: `${busyUs.toFixed(0)} us` },
      );
    }
    const [client] = clients;
    if (client === undefined) throw new Error('nobody is connected');
    await client.run({ count: 2_000, window: 64 });
    const before = await server.ask('memory');
    await client.run({ count: eventsOfOneRun, window: 64 });
    const bytes = ((await server.ask('memory')) - before) / eventsOfOneRun;
    const goal = { says: '<= 50 bytes', met: bytes <= 50 };
    return [
      ...figures,
      { what: 'memory of an acknowledged event', value: `${bytes.toFixed(1)} bytes`, goal },
    ];
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await server.stop();
  }
}
