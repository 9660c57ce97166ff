/** Who is asking, for what run, in which conversation. Frozen; made once for each run. */
export interface UserExecutionContext {
  readonly userId: string;
  readonly threadId: string;
  readonly runId: string;
  /** For logs and error messages; says nothing about the user. */
  readonly correlationId: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  /** What the user asked, as text. */
  readonly request: string;
  /** What the run may read the stores with. A live object: it must never travel with a result. */
  readonly session: StoreSession;
}

/** A run's own handle on the stores, the counterpart of the original's database session. */
export interface StoreSession {
  readonly id: string;
  readonly opened: number;
  /** Reads this run's state. */
  readState(): Promise<string | null>;
  close(): void;
}
