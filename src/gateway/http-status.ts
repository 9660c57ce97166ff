import type { ErrorCode } from '../errors.ts';

/** The HTTP status under which a code is told. */
export function statusOf(code: ErrorCode): number {
  return statuses[code] ?? 500;
}

const statuses: { readonly [code in ErrorCode]?: number } = {
  AUTH_TOKEN_MISSING: 401,
  AUTH_TOKEN_MALFORMED: 401,
  AUTH_TOKEN_EXPIRED: 401,
  AUTH_TOKEN_INVALID: 401,
  AUTH_TOKEN_REVOKED: 401,
  ORIGIN_REFUSED: 403,
  SUBPROTOCOL_REFUSED: 400,
  PATH_UNKNOWN: 404,
  UPGRADE_REQUIRED: 426,
  MESSAGE_MALFORMED: 400,
  MESSAGE_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  CONNECTION_LIMIT: 429,
  CONTEXT_INVALID: 400,
  RUN_DUPLICATE: 409,
  RUN_LIMIT: 429,
  RUN_UNKNOWN: 404,
  EVENTS_EXPIRED: 410,
  OVERLOADED: 503,
  STORE_UNAVAILABLE: 503,
  SERVICE_NOT_READY: 503,
};
