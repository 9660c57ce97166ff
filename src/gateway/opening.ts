import type { ErrorCode } from '../errors.ts';

/** What a connection can do between its 101 and the moment at which it is ready. */
export interface OpeningSteps {
  /** Hears messages from now on. */
  listen(): void;
  /** Resolves when what runs need can serve; false where it does not get ready in time. */
  servicesReady(): Promise<boolean>;
  /** Whether the connection is still there, and was not refused meanwhile. */
  isWaiting(): boolean;
  /** Why it may not be served any more, or null. */
  trouble(): ErrorCode | null;
  /** The services stand: nothing is processed yet. */
  servicesPassed(): void;
  /** Says `connection_established`. */
  welcome(): void;
  /** Messages are processed from now on, first those that came early. */
  begin(): void;
  refuse(code: ErrorCode): void;
  /** Milliseconds. */
  pause(ms: number): Promise<void>;
}

/** Sees one connection from its 101 to the moment at which it is ready. A rejection closes it as INTERNAL. */
export type Opening = (steps: OpeningSteps) => Promise<void>;

/** Listens before anything can come, waits for what is needed, and only then begins. */
export const openInOrder: Opening = async (steps) => {
  steps.listen();
  const ready = await steps.servicesReady();
  if (!steps.isWaiting()) return;
  const trouble = ready ? steps.trouble() : 'SERVICE_NOT_READY';
  if (trouble !== null) {
    steps.refuse(trouble);
    return;
  }
  steps.servicesPassed();
  steps.welcome();
  steps.begin();
};
