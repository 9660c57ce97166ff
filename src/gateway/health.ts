import type { Store } from '../delivery/store.ts';
import type { ErrorCode } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';

/** Whether requests can be served, and what is missing where they cannot. */
export interface Readiness {
  readonly ready: boolean;
  readonly missing: readonly { readonly dependency: string; readonly code: ErrorCode }[];
}

export interface Health {
  readiness(): Promise<Readiness>;
  /** From now on nothing new is taken. */
  stopping(): void;
}

/** A sign of life of Redis counts for so long, so that many probes are one PING. */
const recentMs = 500;

export function createHealth(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasModel: boolean;
  readonly hasSupervisor: boolean;
  readonly metrics: Metrics;
}): Health {
  let stopping = false;
  let asked: { readonly at: number; readonly answers: Promise<boolean> } | null = null;

  const redisAnswers = (): Promise<boolean> => {
    const now = options.clock.now();
    if (asked === null || now - asked.at > recentMs || now < asked.at)
      asked = { at: now, answers: options.store.answers() };
    return asked.answers;
  };

  return {
    async readiness() {
      const there = {
        gateway: !stopping,
        supervisor: options.hasSupervisor,
        model: options.hasModel,
        redis: await redisAnswers(),
      };
      options.metrics.ready(there);
      const missing = dependencies
        .filter((dependency) => !there[dependency])
        .map((dependency) => ({ dependency, code: codes[dependency] }));
      return { ready: missing.length === 0, missing };
    },
    stopping() {
      stopping = true;
    },
  };
}

const codes = {
  gateway: 'SERVICE_NOT_READY',
  supervisor: 'CONFIGURATION_INVALID',
  model: 'CONFIGURATION_INVALID',
  redis: 'STORE_UNAVAILABLE',
} as const satisfies Record<string, ErrorCode>;
const dependencies = Object.keys(codes) as (keyof typeof codes)[];
