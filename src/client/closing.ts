import { ClientError, type ClientErrorCode, knownRow } from './client-error.ts';
import type { Closing } from './transport.ts';

/**
 * Why it would be wrong to connect again after this end of a connection; null where it may help. A reason
 * that is a known error code decides by its own row, and only without one the close code or the status does.
 */
export function forbidsRetry(closing: Closing): ClientError | null {
  const { code, reason, refusal } = closing;
  const named = refusal === undefined ? /^[A-Z][A-Z_]*/.exec(reason)?.[0] : refusal.code;
  const row = named === undefined ? undefined : knownRow(named);
  if (row !== undefined) return row.retry === 'no' ? failure(named as ClientErrorCode, closing) : null;
  const forbidden = refusal === undefined ? finalCloses.includes(code) : isFinalStatus(refusal.status);
  return forbidden ? failure('CONNECTION_REFUSED', closing) : null;
}

/** The error that names how a connection ended. */
export function failure(code: ClientErrorCode, { code: closeCode, reason, refusal }: Closing): ClientError {
  return new ClientError(code, {
    ...(refusal === undefined ? { close: { code: closeCode, reason } } : {}),
    ...(refusal === undefined || refusal.status === 0 ? {} : { status: refusal.status }),
  });
}

/** Protocol error, data not accepted, inconsistent data, policy, too large, extension missing (RFC 6455). */
const finalCloses = [1002, 1003, 1007, 1008, 1009, 1010];

/** What the request itself is refused for; not those that tell it to come later. */
function isFinalStatus(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}
