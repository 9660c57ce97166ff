import type { Rooms } from '../../../src/execution/places/rooms.ts';
import type { Dice, Fetch, LogSink, Ports, UsageSource } from '../../../src/ports.ts';
import { rollFor, tokenFor } from '../../dice.ts';
import { keyPrefix } from '../../reference/config.ts';
import type { Boundary } from './boundary.ts';
import { epoch } from './globals/stage.ts';
import type { Kernel, Realm } from './kernel.ts';
import type { Network } from './network.ts';
import { connectorTo } from './redis-connector.ts';

export interface InstanceMeans {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly realm: Realm;
  readonly boundary: Boundary;
  readonly seed: number;
  /** 1, or 2 for the second. */
  readonly gateway: number;
  /** Milliseconds by which the clock on the wall is wrong by now. */
  clockError(): number;
  readonly fetch: Fetch;
  readonly usage: UsageSource;
  readonly log: LogSink;
  readonly memory: Ports['memory'];
  readonly rooms: Rooms;
}

/** What one instance of the pipeline gets from outside: virtual, seeded, in memory, and dead with its realm. */
export function portsOf(means: InstanceMeans): Ports {
  const { kernel, network, realm, boundary, seed } = means;
  return {
    clock: {
      now: () => epoch + Math.floor(kernel.now()) + means.clockError(),
      after: (ms, run) => {
        const event = kernel.schedule(ms, run, realm);
        return () => {
          event.run = null;
        };
      },
    },
    ids: idsOf(seed, realm),
    dice: diceOf(seed, realm),
    listener: { listen: async (server) => network.listen(realm, server, means.gateway) },
    fetch: fetchOf(means),
    redis: {
      keyPrefix,
      options: { Connector: connectorTo(() => network.dialRedis(realm)) },
    },
    usage: { fetch: (query, signal) => boundary.bring(means.usage.fetch(query, signal)) },
    memory: means.memory,
    rooms: means.rooms,
    log: means.log,
  };
}

function fetchOf({ fetch, boundary }: InstanceMeans): Fetch {
  return async (url, init) => {
    const reply = await boundary.bring(fetch(url, init));
    return {
      status: reply.status,
      headers: reply.headers,
      body: reply.body === null ? null : boundary.bringEach(reply.body),
      text: () => boundary.bring(reply.text()),
    };
  };
}

function idsOf(seed: number, realm: Realm): Ports['ids'] {
  const counts = new Map<string, number>();
  return {
    next: (kind) => {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return `${kind}_${tokenFor(seed, `id/${realm.name}/${kind}/${count}`, 16)}`;
    },
  };
}

function diceOf(seed: number, realm: Realm): Dice {
  let thrown = 0;
  return { next: () => rollFor(seed, `dice/${realm.name}/${++thrown}`) };
}
