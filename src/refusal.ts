import { catalogue, type ErrorCode, PipelineError } from './errors.ts';

/** What a client is told about a failure: over HTTP, in an `error` notice, and in `run_failed`. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retry: string;
  readonly remedy: string;
  /** Stands in the log beside the details, which a client never sees. */
  readonly correlation_id: string;
}

/** The catalogue's words for a code; `detail` names what is wrong and never quotes a foreign text. */
export function refusal(code: ErrorCode, correlationId: string, detail?: string): Refusal {
  const { meaning, retry, remedy } = catalogue[code];
  const message = detail === undefined ? meaning : `${meaning} (${detail})`;
  return { code, message, retry, remedy, correlation_id: correlationId };
}

/** The same for any thrown value: one without a code is INTERNAL, and its text stays here. */
export function refusalOf(thrown: unknown, correlationId: string): Refusal {
  return thrown instanceof PipelineError
    ? refusal(thrown.code, correlationId, thrown.detail)
    : refusal('INTERNAL', correlationId);
}
