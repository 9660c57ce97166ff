import type { Fetch, LogSink, MemoryPort, Ports, RedisPort, UsageSource } from '../ports.ts';
import { randomDice, randomIds } from './random.ts';
import { systemRooms } from './rooms.ts';
import { systemClock } from './system-clock.ts';
import { tcpListener } from './tcp-listener.ts';

/** Where the outside is. */
export interface SystemPortsOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly redis: RedisPort;
  readonly usage: UsageSource;
  /** Absent: this machine's. */
  readonly rooms?: Ports['rooms'];
  /** Absent: the platform's. */
  readonly fetch?: Fetch;
  /** Absent: stdout. */
  readonly log?: LogSink;
}

/** The ports of production: the machine's clock, dice, sockets and network. */
export function createSystemPorts(options: SystemPortsOptions): Ports {
  return {
    clock: systemClock,
    ids: randomIds,
    dice: randomDice,
    listener: tcpListener(options.host, options.port),
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    redis: { ...options.redis, atEndOfTurn: (write) => void setImmediate(write) },
    usage: options.usage,
    memory: residentMemory(),
    rooms: options.rooms ?? systemRooms(),
    log: options.log ?? stdoutLog,
  };
}

/** A look at it is a system call that costs as much as a message: one stands for all within `lookMs`. */
function residentMemory(): MemoryPort {
  let looked = Number.NEGATIVE_INFINITY;
  let bytes = 0;
  return {
    usedBytes: () => {
      const now = performance.now();
      if (now - looked >= lookMs) {
        bytes = process.memoryUsage.rss();
        looked = now;
      }
      return bytes;
    },
  };
}

const lookMs = 20;

const stdoutLog: LogSink = {
  write: (line) => {
    process.stdout.write(`${line}\n`);
  },
};
