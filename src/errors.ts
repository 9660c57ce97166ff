/**
 * The one catalogue of error codes: what each means, whether the same request may succeed when it is sent
 * again, and what to do. Every failure that a client, a log line, a metric or a health page shows carries
 * one of these codes.
 */
export const catalogue = {
  // who is asking
  AUTH_TOKEN_MISSING: row(
    'No token was sent.',
    'no',
    'Send the JWT as subprotocol "jwt.<token>" beside "agent.v1", or in the Authorization header.',
  ),
  AUTH_TOKEN_MALFORMED: row('The token is not a JWT.', 'no', 'Send the token as the auth service issued it.'),
  AUTH_TOKEN_EXPIRED: row('The token has expired.', 'no', 'Get a new token and connect again.'),
  AUTH_TOKEN_INVALID: row(
    'The token is not valid here: signature, algorithm, audience or subject.',
    'no',
    'Get a token for this service.',
  ),
  AUTH_TOKEN_REVOKED: row('The token was revoked.', 'no', 'Get a new token and connect again.'),
  ORIGIN_REFUSED: row(
    'The Origin is not on the allow-list, or none was sent.',
    'no',
    'Add the origin to ALLOWED_ORIGINS; clients without one need ALLOW_MISSING_ORIGIN=true.',
  ),
  SUBPROTOCOL_REFUSED: row('The subprotocol agent.v1 was not offered.', 'no', 'Offer "agent.v1".'),

  // what is asked
  PATH_UNKNOWN: row(
    'Nothing is served at this path with this method.',
    'no',
    'Use /ws, POST /runs, GET /runs/<run>/events, or GET /health, /ready or /metrics.',
  ),
  MESSAGE_MALFORMED: row(
    'The message is not a JSON object of a known type.',
    'no',
    'See the wire protocol for the shape of each message.',
  ),
  UPGRADE_REQUIRED: row(
    'Only WebSocket connections are served at this path.',
    'no',
    'Ask for an upgrade to a WebSocket, version 13.',
  ),
  FRAME_INVALID: row(
    'The frames break the WebSocket protocol, or a message is in too many pieces.',
    'no',
    'Send each message as one text frame, masked and without compression (RFC 6455).',
  ),
  EARLY_MESSAGES_LIMIT: row(
    'More was sent before connection_established than is kept.',
    'yes',
    'Connect again, and wait for connection_established before sending.',
  ),
  MESSAGE_TOO_LARGE: row('The message is larger than the limit.', 'no', 'Send less than MAX_MESSAGE_BYTES.'),
  RATE_LIMITED: row('Too many messages in a short time.', 'later', 'Wait, then send again.'),
  CONNECTION_LIMIT: row('Too many connections.', 'later', 'Close a connection first.'),
  SLOW_READER: row(
    'The connection does not take its messages fast enough.',
    'later',
    'Connect again and resume the runs.',
  ),
  CONTEXT_INVALID: row(
    'The execution context did not pass its checks.',
    'no',
    'The error names the check and the field.',
  ),
  PERMISSION_DENIED: row(
    'The token does not grant what is asked for.',
    'no',
    'Get a token with the scope that the error names.',
  ),
  RUN_DUPLICATE: row(
    'A run with this id was already accepted.',
    'no',
    'Use a new run_id, or resume the run.',
  ),
  RUN_LIMIT: row(
    'Too many runs at the same time.',
    'later',
    'Wait until a run has ended; "of one user": one of your own.',
  ),
  RUN_UNKNOWN: row(
    'No run with this id is known for this user.',
    'no',
    'Start it, or check the id; logs expire.',
  ),
  EVENTS_EXPIRED: row(
    'The run has ended, and its events are gone.',
    'no',
    'Start a new run; resume one before its log expires.',
  ),

  // what the work met
  AGENT_FAILED: row(
    'An agent threw or rejected.',
    'maybe',
    'The log holds the details under the correlation id.',
  ),
  AGENT_TIMEOUT: row(
    'An agent did not finish in time.',
    'maybe',
    'Send the request again, or raise AGENT_TIMEOUT_MS.',
  ),
  AGENT_RETURNED_NOTHING: row(
    'An agent ended without a result.',
    'maybe',
    'The agent is defective; see its log.',
  ),
  RUN_MEMORY_LIMIT: row(
    'The run holds more in memory than a run may.',
    'maybe',
    'Ask for less at once, or raise RUN_MEMORY_MB.',
  ),
  AGENT_MEMORY_LIMIT: row(
    'An agent took more memory than it may have, and was ended.',
    'maybe',
    'The agent is defective, or raise AGENT_MEMORY_MB.',
  ),
  AGENT_EXITED: row(
    'An agent ended the thread or process that it ran in, or none could be started for it.',
    'maybe',
    'The agent is defective or the machine is full; the log holds the exit code or the cause.',
  ),
  RESULT_OFF_CONTRACT: row(
    'A result does not have the shape that its contract names.',
    'maybe',
    'The error names the paths.',
  ),
  INPUT_MISSING: row(
    'An agent was not run because a result that it needs is missing.',
    'maybe',
    'See the failure of the agent that it needs.',
  ),
  RUN_TIMEOUT: row(
    'The run did not end within its deadline.',
    'maybe',
    'Send the request again, or raise RUN_TIMEOUT_MS.',
  ),
  CONTEXT_EXPIRED: row(
    'The execution context of the run is too old.',
    'yes',
    'Send the request again with a new run_id.',
  ),
  RUN_CANCELLED: row('The run was cancelled.', 'yes', 'Send the request again.'),
  RUN_INTERRUPTED: row(
    'The process that worked on the run died.',
    'yes',
    'Send the request again with a new run_id.',
  ),
  TOOL_FAILED: row(
    'A tool threw or rejected.',
    'maybe',
    'The log holds the details under the correlation id.',
  ),
  TOOL_UNKNOWN: row(
    'The model asked for a tool that does not exist.',
    'maybe',
    'Nothing; the agent is told.',
  ),
  TOOL_CIRCUIT_OPEN: row(
    'The tool failed too often for this user; calls are paused.',
    'later',
    'Wait for the breaker to close; the log holds the failures.',
  ),
  TOOL_ARGUMENTS_INVALID: row(
    'The arguments of a tool call do not fit its schema.',
    'maybe',
    'Nothing; the agent is told.',
  ),

  OVERLOADED: row(
    'The process has no memory left for more runs; those that it works on go on.',
    'later',
    'Wait, then send again; raise MAX_MEMORY_MB or start another gateway if it stays so.',
  ),

  // what it stands on
  MODEL_UNREACHABLE: row(
    'The model could not be reached, or the connection broke.',
    'later',
    'Check MODEL_URL and the network.',
  ),
  MODEL_TIMEOUT: row(
    'The model did not answer in time.',
    'later',
    'Send the request again, or raise MODEL_TIMEOUT_MS.',
  ),
  MODEL_REFUSED: row(
    'The model answered with an error status.',
    'maybe',
    'Check LLM_API_KEY and MODEL_NAME; the status is in the log.',
  ),
  MODEL_OVERLOADED: row('The model answered 429 or 5xx.', 'later', 'Wait, then send again.'),
  MODEL_ANSWER_MALFORMED: row("The model's answer could not be read.", 'maybe', 'Send the request again.'),
  MODEL_CIRCUIT_OPEN: row(
    'The model failed too often; calls are paused.',
    'later',
    'Wait for the breaker to close.',
  ),
  STORE_UNAVAILABLE: row(
    'Redis could not be reached or refused the command.',
    'later',
    'Check REDIS_URL and the server.',
  ),
  SERVICE_NOT_READY: row(
    'A dependency is missing or broken; requests are refused.',
    'later',
    'See /ready for the name of the dependency.',
  ),
  PREREQUISITE_FAILED: row(
    'The run would fail, and was not begun: something that it needs is not there.',
    'later',
    'The error names what is missing; /ready tells when it is back.',
  ),
  CONFIGURATION_INVALID: row(
    'The configuration is incomplete or wrong.',
    'no',
    'The error names each variable.',
  ),
  INTERNAL: row(
    'Something failed that has no code of its own.',
    'maybe',
    'Report it with the correlation id.',
  ),
} as const satisfies Record<string, CatalogueRow>;

export type ErrorCode = keyof typeof catalogue;

export interface CatalogueRow {
  readonly meaning: string;
  /** Can sending the same request again help? `later`: after a pause. `maybe`: once is worth trying. */
  readonly retry: 'yes' | 'no' | 'later' | 'maybe';
  readonly remedy: string;
}

function row(meaning: string, retry: CatalogueRow['retry'], remedy: string): CatalogueRow {
  return { meaning, retry, remedy };
}

/**
 * A failure with a code. `detail` names what is wrong in words that may be shown to a client (a field, a
 * variable, an agent): never a foreign error text, which belongs to the log through `cause`.
 */
export class PipelineError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    super(options.detail === undefined ? code : `${code}: ${options.detail}`, { cause: options.cause });
    this.name = 'PipelineError';
    this.code = code;
    this.detail = options.detail;
  }
}

/** The code of any thrown value; `fallback` for one that has none. */
export function codeOf(thrown: unknown, fallback: ErrorCode = 'INTERNAL'): ErrorCode {
  try {
    return thrown instanceof PipelineError ? thrown.code : fallback;
  } catch {
    // Anything can be thrown, a revoked proxy too, which cannot be asked what it is.
    return fallback;
  }
}
