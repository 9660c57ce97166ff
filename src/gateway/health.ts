import type { Store } from '../delivery/store.ts';
import type { ErrorCode } from '../errors.ts';
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
      const missing: { dependency: string; code: ErrorCode }[] = [];
      if (stopping) missing.push({ dependency: 'gateway', code: 'SERVICE_NOT_READY' });
      if (!options.hasSupervisor) missing.push({ dependency: 'supervisor', code: 'CONFIGURATION_INVALID' });
      if (!options.hasModel) missing.push({ dependency: 'model', code: 'CONFIGURATION_INVALID' });
      if (!(await redisAnswers())) missing.push({ dependency: 'redis', code: 'STORE_UNAVAILABLE' });
      return { ready: missing.length === 0, missing };
    },
    stopping() {
      stopping = true;
    },
  };
}
