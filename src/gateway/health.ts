import type { Circuits } from '../breakers/circuits.ts';
import type { Store } from '../delivery/store.ts';
import type { Lack } from '../dependencies/dependency.ts';
import type { Watch } from '../dependencies/watch.ts';
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
  /**
   * Whether there is what a connection needs. The model is not asked: what a run has left can be had without it,
   * and a new run is told by name what it lacks.
   */
  servesConnections(): Promise<boolean>;
  /** From now on nothing new is taken. */
  stopping(): void;
}

/** A sign of life of Redis counts for so long, so that many probes are one PING. */
const recentMs = 500;

export function createHealth(options: {
  readonly store: Store;
  readonly clock: Clock;
  /** What a degraded pipeline began without. */
  readonly lacks: readonly Lack[];
  /** What of the supervisor's parts is missing now. */
  readonly missingParts: () => readonly string[];
  /** Absent: nobody asks a model here. */
  readonly model: { readonly watch: Watch; readonly circuits: Circuits } | null;
  readonly circuits: readonly Circuits[];
  readonly metrics: Metrics;
}): Health {
  const { clock, lacks, metrics, model, store } = options;
  let stopping = false;
  let asked: { readonly at: number; readonly answers: Promise<boolean> } | null = null;

  const redisAnswers = (): Promise<boolean> => {
    const now = clock.now();
    if (asked === null || now - asked.at > recentMs || now < asked.at)
      asked = { at: now, answers: store.answers() };
    return asked.answers;
  };

  async function modelTrouble(): Promise<ErrorCode | null> {
    if (model === null) return null;
    if (model.circuits.isOpen()) return 'MODEL_CIRCUIT_OPEN';
    return (await model.watch.trouble())?.code ?? null;
  }

  return {
    async readiness() {
      const [answers, trouble] = await Promise.all([redisAnswers(), modelTrouble()]);
      const parts = options.missingParts();
      const codes: { [dependency: string]: ErrorCode | null } = {
        gateway: stopping ? 'SERVICE_NOT_READY' : null,
        supervisor: parts.length > 0 ? 'CONFIGURATION_INVALID' : null,
        model: trouble,
        redis: answers ? null : 'STORE_UNAVAILABLE',
      };
      for (const { name, code } of lacks) codes[name] ??= code;
      metrics.ready(Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, code === null])));
      for (const { name, isOpen, usersOpen } of options.circuits)
        metrics.circuit(name, isOpen(), usersOpen());
      const missing = Object.entries(codes).flatMap(([dependency, code]) =>
        code === null ? [] : [{ dependency, code }],
      );
      return { ready: missing.length === 0, missing };
    },
    async servesConnections() {
      return !stopping && options.missingParts().length === 0 && (await redisAnswers());
    },
    stopping() {
      stopping = true;
    },
  };
}
