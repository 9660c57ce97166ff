import type { ErrorCode } from '../errors.ts';
import type { Clock } from '../ports.ts';

/** What became of contexts: who, when and what. Bounded: the oldest entries go first. */
export interface AuditTrail {
  note(what: AuditedEvent, about: AuditedRun, code?: ErrorCode): void;
  /** What is still known of this user's contexts, oldest first. */
  of(userId: string): readonly AuditEntry[];
}

export const auditedEvents = ['created', 'refused', 'released', 'expired'] as const;
export type AuditedEvent = (typeof auditedEvents)[number];

export interface AuditedRun {
  readonly userId: string;
  readonly runId: string;
  readonly correlationId: string;
}

export interface AuditEntry extends AuditedRun {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly what: AuditedEvent;
  /** Why it was refused. */
  readonly code?: ErrorCode;
}

export function createAuditTrail(options: {
  readonly clock: Clock;
  readonly entriesMax: number;
  /** Told each entry: for the log, and to be counted. */
  readonly tell: (entry: AuditEntry) => void;
}): AuditTrail {
  const entries: AuditEntry[] = [];
  /** Where the oldest entry is, once there are as many as are kept. */
  let oldest = 0;
  return {
    note(what, { userId, runId, correlationId }, code) {
      const entry: AuditEntry = {
        at: options.clock.now(),
        what,
        userId,
        runId,
        correlationId,
        ...(code === undefined ? {} : { code }),
      };
      entries[oldest] = entry;
      oldest = (oldest + 1) % options.entriesMax;
      options.tell(entry);
    },
    of: (userId) =>
      [...entries.slice(oldest), ...entries.slice(0, oldest)].filter((entry) => entry.userId === userId),
  };
}
