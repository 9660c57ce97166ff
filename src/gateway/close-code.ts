import type { ErrorCode } from '../errors.ts';
import { closeCodes } from '../messages.ts';

/** The WebSocket close code under which an error code is told; the reason is the error code itself. */
export function closeCodeOf(code: ErrorCode): number {
  return codes[code] ?? closeCodes.internal;
}

const codes: { readonly [code in ErrorCode]?: number } = {
  AUTH_TOKEN_EXPIRED: closeCodes.policy,
  AUTH_TOKEN_REVOKED: closeCodes.policy,
  EARLY_MESSAGES_LIMIT: closeCodes.policy,
  RATE_LIMITED: closeCodes.policy,
  FRAME_INVALID: closeCodes.protocol,
  MESSAGE_TOO_LARGE: closeCodes.tooLarge,
  SERVICE_NOT_READY: closeCodes.overload,
  SLOW_READER: closeCodes.overload,
};
