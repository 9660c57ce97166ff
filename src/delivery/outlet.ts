import type { ServerNotice } from '../messages.ts';

/** Where a user's messages go: a WebSocket connection, or the response of an HTTP request. */
export interface Outlet {
  readonly userId: string;
  readonly isOpen: boolean;
  /** One message as JSON text. Does nothing once the outlet is closed. */
  send(text: string): void;
  notify(notice: ServerNotice): void;
  /** Bytes that were sent and have not left this process. */
  readonly unsent: number;
  /** Resolves when what was sent has left this process, or the outlet is closed. */
  flushed(): Promise<void>;
  /** Its reader takes nothing any more: it is closed, with that reason where one can be given. */
  tooSlow(): void;
}
