import { type Logger, pino } from 'pino';
import type { PipelineConfig } from './config.ts';
import type { Clock, LogSink } from './ports.ts';

export type Log = Logger;

/** JSON lines to the sink, with the port's time and no secret in them. */
export function createLog(options: {
  readonly sink: LogSink;
  readonly clock: Clock;
  readonly level: PipelineConfig['logLevel'];
  /** Never to be seen in a line, in whatever form. */
  readonly secrets: readonly string[];
}): Log {
  const redact = redactor(options.secrets);
  return pino(
    {
      level: options.level,
      // No process id and no host name: they say nothing here, and differ from one replay to the next.
      base: null,
      serializers: { err: described },
      timestamp: () => `,"time":${options.clock.now()}`,
    },
    { write: (line: string) => options.sink.write(redact(line.trimEnd())) },
  );
}

/** An error as data, without what was on its way: a client of Redis hangs the whole command on it. */
function described(thrown: unknown): unknown {
  const error: unknown = pino.stdSerializers.err(thrown as Error);
  // What is no error comes back as it is.
  if (error === thrown) return thrown;
  const { command: _command, ...rest } = error as ReturnType<typeof pino.stdSerializers.err>;
  return rest;
}

/** Replaces secrets in any text: by value, by the look of a token, and by the key in front of them. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('base64url'),
    ])
    .sort((a, b) => b.length - a.length);
  const known = forms.length === 0 ? null : new RegExp([...new Set(forms)].map(literally).join('|'), 'g');
  // Most lines hold nothing of the kind: for them one look is all.
  const suspect = new RegExp([...forms.map(literally), ...marks].join('|'), 'i');
  return (text) => {
    if (!suspect.test(text)) return text;
    let clean = known === null ? text : text.replace(known, redacted);
    clean = clean.replace(jwt, redacted).replace(urlCredentials, `$1${redacted}@`);
    return clean.replace(keyed, `$1"${redacted}"`);
  };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const redacted = '[redacted]';
const jwt = /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g;
const urlCredentials = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi;
const keyed =
  /("(?:[\w-]*(?:password|secret|token|api_?key|credential)[\w-]*|authorization|cookie|sec-websocket-protocol)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
/** Where none of these stands, in whatever case, none of the three above finds anything. */
const marks = [
  ...['eyJ', '://', 'password', 'secret', 'token', 'api_?key', 'credential'],
  ...['authorization', 'cookie', 'sec-websocket-protocol'],
];
