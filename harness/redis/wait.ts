import type { Database } from './database.ts';
import type { Session } from './session.ts';
import type { Value } from './value.ts';

/** What a blocking command asks for. */
export interface WaitRequest {
  readonly kind: 'list' | 'stream' | 'replicas';
  readonly keys: readonly string[];
  /** In ms since the epoch; 0: never. */
  readonly until: number;
  /** The reply when the time is over. */
  readonly timedOut: string;
  /** A key of it may have what is waited for: the reply, or null to wait on. */
  serve(key: string, value: Value | undefined): string | null;
}

/** A session that waits, until it is served, its time is over, or it closes. */
export interface Wait extends WaitRequest {
  readonly session: Session;
  readonly database: Database;
  readonly cancelTimer: () => void;
}
