import type { Server } from 'node:http';
import { rollFor } from '../../dice.ts';
import type { Director } from '../../director.ts';
import type { Message } from '../../message.ts';
import { createGate } from '../../wires/gate.ts';
import type { GateConnection, GateEnd, WireProtocol } from '../../wires/gate-contract.ts';
import type { Kernel, Realm } from './kernel.ts';
import { milliseconds } from './latency.ts';
import type { RedisInPlay } from './redis-in-play.ts';
import { StreamEnd } from './stream-end.ts';

export interface NetworkOptions {
  readonly kernel: Kernel;
  readonly director: Director;
  readonly seed: number;
  /** Milliseconds that a message takes. */
  latency(message: Message): number;
  readonly redis: Pick<RedisInPlay, 'connect'>;
  /** Whether every other connection goes to the second gateway; else only those do that the first is down for. */
  readonly takesTurns?: boolean;
  readonly protocols: { readonly redis: WireProtocol; readonly client: WireProtocol };
}

/**
 * All connections of a play, in memory: users to the pipeline and the pipeline to Redis, each through a
 * gate; probes to the pipeline without one. Every message takes its own time on its way.
 */
export class Network {
  readonly #options: NetworkOptions;
  readonly #ends = new Set<StreamEnd>();
  /** By gateway. */
  readonly #listening = new Map<number, Listening>();
  #dialled = 0;
  #turns = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** The pipeline's server can be reached from now on, until it is closed or its realm dies. */
  listen(realm: Realm, server: Server, gateway = 1): { readonly url: string; close(): Promise<void> } {
    const listening = { realm, server };
    this.#listening.set(gateway, listening);
    return {
      url: 'http://pipeline.simulated',
      close: async () => {
        if (this.#listening.get(gateway) === listening) this.#listening.delete(gateway);
      },
    };
  }

  /** A user's connection to the pipeline; refused (an error on the stream) where nobody listens. */
  dialPipeline(realm: Realm): StreamEnd {
    return this.#dial(realm, (client) => {
      const server = this.#accept(this.#options.takesTurns === true && this.#turns++ % 2 === 1);
      if (server === null) return false;
      this.#join(this.#options.protocols.client, client, server.arrivals, (gate) => {
        server.carry(serverSide(gate));
      });
      server.reader = client;
      return true;
    });
  }

  /** A connection to the pipeline that no fault meets, for probes. */
  probePipeline(realm: Realm): StreamEnd {
    return this.#dial(realm, (client) => {
      const server = this.#accept(false);
      if (server === null) return false;
      client.carry(this.#straightTo(server.arrivals));
      server.carry(this.#straightTo(client.arrivals));
      return true;
    });
  }

  /** The pipeline's connection to Redis. */
  dialRedis(realm: Realm): StreamEnd {
    return this.#dial(realm, (client) => {
      const link: { gate: GateConnection | null } = { gate: null };
      const server = this.#options.redis.connect(() => link.gate);
      if (server === null) return false;
      this.#join(this.#options.protocols.redis, client, server, (gate) => {
        link.gate = gate;
      });
      return true;
    });
  }

  /** Cuts a dead realm off: its connections break, nobody reaches it any more. What it has written may still arrive. */
  cutOff(realm: Realm): void {
    for (const [gateway, listening] of this.#listening) {
      if (listening.realm === realm) this.#listening.delete(gateway);
    }
    for (const end of this.#ends) {
      if (end.realm !== realm) continue;
      this.#ends.delete(end);
      end.abandon();
    }
  }

  #dial(realm: Realm, connect: (client: StreamEnd) => boolean): StreamEnd {
    const { kernel, seed } = this.#options;
    const client = this.#end(realm, { allowHalfOpen: false });
    client.connecting = true;
    client.cork();
    const takes = milliseconds(rollFor(seed, `dial/${realm.name}/${++this.#dialled}`));
    kernel.schedule(
      takes,
      () => {
        if (client.destroyed) return;
        client.connecting = false;
        if (connect(client)) {
          client.uncork();
          client.emit('connect');
        } else {
          client.breaks('ECONNREFUSED');
        }
      },
      realm,
    );
    return client;
  }

  #accept(secondFirst: boolean): StreamEnd | null {
    const order = secondFirst ? [2, 1] : [1, 2];
    const listening = order
      .map((gateway) => this.#listening.get(gateway))
      .find((each) => each?.realm.alive === true);
    if (listening === undefined) return null;
    const end = this.#end(listening.realm, { allowHalfOpen: true });
    this.#options.kernel.schedule(0, () => listening.server.emit('connection', end), listening.realm);
    return end;
  }

  #end(realm: Realm, options: { readonly allowHalfOpen: boolean }): StreamEnd {
    const end = new StreamEnd(this.#options.kernel, realm, options);
    this.#ends.add(end);
    end.once('close', () => this.#ends.delete(end));
    return end;
  }

  #join(
    protocol: WireProtocol,
    client: StreamEnd,
    server: GateEnd,
    opened: (gate: GateConnection) => void,
  ): void {
    const { kernel, director, latency } = this.#options;
    const gate = createGate({ protocol, director, clock: kernel, latency }, client.arrivals, server);
    client.carry({
      data: (bytes) => gate.fromClient(bytes),
      ended: () => gate.clientEnded(),
      reset: () => gate.clientReset(),
    });
    opened(gate);
  }

  #straightTo(end: GateEnd): { data(bytes: Buffer): void; ended(): void; reset(): void } {
    const { kernel } = this.#options;
    return {
      data: (bytes) => kernel.after(0.1, () => end.write(bytes)),
      ended: () => kernel.after(0.1, () => end.end()),
      reset: () => kernel.after(0.1, () => end.reset()),
    };
  }
}

function serverSide(gate: GateConnection): { data(bytes: Buffer): void; ended(): void; reset(): void } {
  return {
    data: (bytes) => gate.fromServer(bytes),
    ended: () => gate.serverEnded(),
    reset: () => gate.serverReset(),
  };
}

interface Listening {
  readonly realm: Realm;
  readonly server: Server;
}
