import { WebSocket } from 'ws';
import type { ErrorCode } from '../errors.ts';
import { closeCodes } from '../messages.ts';

/**
 * The library closes a connection by itself where a frame breaks the protocol or a message is too large, and
 * gives no reason. Here every close that this side begins has one.
 */
export class NamedCloseWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason ?? (code === undefined ? undefined : reasonOf(code)));
  }
}

/** Why the library gave a connection up; null for an error of the connection itself. */
export function codeOfFrameError(error: Error & { readonly code?: unknown }): ErrorCode | null {
  if (typeof error.code !== 'string' || !error.code.startsWith('WS_ERR_')) return null;
  return error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'MESSAGE_TOO_LARGE' : 'FRAME_INVALID';
}

/** 1002 broken frames, 1007 text that is no UTF-8, 1008 too many pieces. */
function reasonOf(code: number): ErrorCode {
  return code === closeCodes.tooLarge ? 'MESSAGE_TOO_LARGE' : 'FRAME_INVALID';
}
