import type { RedisOptions } from 'ioredis';
import { redisAddress } from './adapters/redis-address.ts';
import { type PipelineConfig, type PipelineConfigInput, pipelineConfig } from './config.ts';
import { PipelineError } from './errors.ts';
import { type PlaceName, placeNames } from './execution/places/place.ts';

/** What `serve` needs to know: the pipeline's configuration, and where the outside is. */
export interface ServeConfig {
  readonly pipeline: PipelineConfig;
  readonly redis: { readonly options: RedisOptions; readonly keyPrefix: string };
  readonly usageSource: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the whole environment before it complains: throws CONFIGURATION_INVALID, whose detail has a line for
 * each variable that is missing or malformed, with what it is for and what was found (never a secret).
 */
export function configFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: { readonly model?: 'scripted'; readonly degraded?: boolean } = {},
): ServeConfig {
  const read = new Reader(environment);
  const stage = read.optional('ENVIRONMENT', 'production', `one of ${stages.join(', ')}`, stageNamed);
  const degraded =
    options.degraded === true ||
    read.optional('ALLOW_DEGRADED', false, 'whether to start without what is missing: true or false', truth);
  if (degraded && stage !== 'development')
    read.refuse('ALLOW_DEGRADED', `is for ENVIRONMENT=development alone (this is ${stage})`);
  const redis = read.needed('REDIS_URL', 'where Redis is, e.g. redis://127.0.0.1:6379', redisAddress, secret);
  const jwtSecret = read.needed(
    'JWT_SECRET',
    'the key of the tokens (HS256), at least 32 characters',
    long,
    secret,
  );
  const jwtAudience = read.needed('JWT_AUDIENCE', 'the audience that tokens must name', any);
  const usageSource = read.needed(
    'USAGE_SOURCE',
    'usage records: a JSON or NDJSON file, or an http(s) address',
    any,
  );
  const model: PipelineConfigInput['model'] =
    options.model === 'scripted'
      ? { url: 'scripted:', name: 'scripted' }
      : {
          url:
            read.needed(
              'MODEL_URL',
              'an OpenAI-compatible API, e.g. https://api.openai.com/v1',
              webAddress,
            ) ?? '',
          name: read.needed('MODEL_NAME', 'the model to ask, e.g. gpt-4o-mini', any) ?? '',
          apiKey:
            read.needed('LLM_API_KEY', "the model's key; any text where it wants none", any, secret) ?? '',
        };
  const host = read.optional('HOST', '127.0.0.1', 'the address to listen on', any);
  const port = read.optional('PORT', 8080, 'the port to listen on, 0 for a free one', portNumber);
  const keyPrefix = read.optional('REDIS_KEY_PREFIX', 'faultline:', 'put before every key', prefix);
  const allowed = read.optional('ALLOWED_ORIGINS', [], 'origins of web pages, with commas between', origins);
  const withoutOrigin = read.optional(
    'ALLOW_MISSING_ORIGIN',
    false,
    'whether clients that are no browsers are let in: true or false',
    truth,
  );
  const ms = (name: string, what: string, parse = positive): number | undefined =>
    read.optional(name, undefined, `${what}, milliseconds`, parse);
  const timeouts = defined({
    runMs: ms(
      'RUN_TIMEOUT_MS',
      `how long a run may take, less than ${keptMs} (events are kept so long)`,
      run,
    ),
    agentMs: ms('AGENT_TIMEOUT_MS', 'how long an agent may take'),
    modelMs: ms('MODEL_TIMEOUT_MS', 'how long one answer of the model may take'),
    toolMs: ms('TOOL_TIMEOUT_MS', 'how long a tool may take'),
    heartbeatMs:
      ms('WEBSOCKET_HEARTBEAT_INTERVAL_MS', 'between two pings') ??
      read.optional('WEBSOCKET_HEARTBEAT_INTERVAL', undefined, 'between two pings, seconds', seconds),
  });
  const startup = defined({
    tries: read.optional('STARTUP_TRIES', undefined, 'how often what is missing is looked for', positive),
    pauseMs: ms('STARTUP_PAUSE_MS', 'between two tries'),
  });
  const prerequisites = defined({
    level: read.optional('PREREQUISITES', undefined, 'strict or permissive', levelOfCare),
    deadlineMs: ms('PREREQUISITES_DEADLINE_MS', 'how long a run may wait for what nobody knows yet'),
    ttlMs: ms('PREREQUISITES_TTL_MS', 'how long an answer of a dependency counts'),
    startScope: read.optional('START_SCOPE', undefined, 'the scope that a token needs to start runs', any),
  });
  const limits = defined({
    processBytes: read.optional(
      'MAX_MEMORY_MB',
      undefined,
      'what the process may have before it takes on no more runs, megabytes',
      megabytes,
    ),
    runBytes: read.optional('RUN_MEMORY_MB', undefined, 'what one run may hold, megabytes', megabytes),
    messageBytes: read.optional('MAX_MESSAGE_BYTES', undefined, 'the largest message, bytes', positive),
  });
  const agents = defined({
    place: read.optional(
      'AGENT_PLACE',
      undefined,
      `where agents run, one of ${placeNames.join(', ')}`,
      place,
    ),
    memoryBytes: read.optional(
      'AGENT_MEMORY_MB',
      undefined,
      'what an agent that runs apart may take, megabytes',
      megabytes,
    ),
    roomsMost: read.optional('AGENT_ROOMS', undefined, 'how many of them there are at most', positive),
  });
  const logLevel = read.optional('LOG_LEVEL', 'info', `one of ${levels.join(', ')}`, level);
  read.complain();

  return {
    pipeline: pipelineConfig.parse({
      environment: stage,
      degraded,
      startup,
      prerequisites,
      jwt: { secret: jwtSecret, audience: jwtAudience },
      origins: { allowed, withoutOrigin },
      model,
      limits,
      agents,
      timeouts,
      logLevel,
    }),
    redis: { options: redis ?? {}, keyPrefix },
    usageSource: usageSource ?? '',
    host,
    port,
  };
}

/** A variable's text as a value; null where it is malformed. */
type Parse<T> = (text: string) => T | null;
/** How a malformed value may be shown. */
type Show = (text: string) => string;

class Reader {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #complaints: string[] = [];

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  needed<T>(name: string, purpose: string, parse: Parse<T>, show: Show = quoted): T | null {
    const text = this.#environment[name]?.trim() ?? '';
    if (text !== '') return this.#parsed(name, text, purpose, parse, show);
    this.#complaints.push(`${name} is missing: ${purpose}`);
    return null;
  }

  optional<T, D>(name: string, otherwise: D, purpose: string, parse: Parse<T>): T | D {
    const text = this.#environment[name]?.trim() ?? '';
    return text === '' ? otherwise : (this.#parsed(name, text, purpose, parse, quoted) ?? otherwise);
  }

  refuse(name: string, why: string): void {
    this.#complaints.push(`${name} ${why}`);
  }

  complain(): void {
    if (this.#complaints.length === 0) return;
    throw new PipelineError('CONFIGURATION_INVALID', { detail: `\n  ${this.#complaints.join('\n  ')}` });
  }

  #parsed<T>(name: string, text: string, purpose: string, parse: Parse<T>, show: Show): T | null {
    const value = parse(text);
    if (value === null) this.#complaints.push(`${name} is malformed (${show(text)}): ${purpose}`);
    return value;
  }
}

const quoted: Show = (text) => JSON.stringify(text.slice(0, 100));
const secret: Show = (text) => `${text.length} characters`;

const stages = ['development', 'staging', 'production'] as const;
const stageNamed: Parse<(typeof stages)[number]> = (text) => stages.find((name) => name === text) ?? null;
const levelOfCare: Parse<'strict' | 'permissive'> = (text) =>
  text === 'strict' || text === 'permissive' ? text : null;

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const any: Parse<string> = (text) => text;
const long: Parse<string> = (text) => (text.length >= 32 ? text : null);
const prefix: Parse<string> = (text) => (/^[\w:.-]{1,100}$/.test(text) ? text : null);
const level: Parse<(typeof levels)[number]> = (text) => levels.find((name) => name === text) ?? null;
const truth: Parse<boolean> = (text) => (text === 'true' ? true : text === 'false' ? false : null);
const positive: Parse<number> = (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : null);
const seconds: Parse<number> = (text) => {
  const value = Number(text);
  return /^\d{1,5}(\.\d{1,3})?$/.test(text) && value > 0 ? Math.round(value * 1_000) : null;
};
/** A run whose first events expire before its last one could not be resumed. */
const keptMs = 3_600_000;
const run: Parse<number> = (text) => {
  const value = positive(text);
  return value !== null && value < keptMs ? value : null;
};
const megabytes: Parse<number> = (text) => {
  const value = positive(text);
  return value === null ? null : value * 1024 * 1024;
};
const place: Parse<PlaceName> = (text) => placeNames.find((name) => name === text) ?? null;
const portNumber: Parse<number> = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) < 65_536 ? Number(text) : null;

const webAddress: Parse<string> = (text) => {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password } = new URL(text);
  // Credentials in an address would end up in errors and logs.
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
    ? text.replace(/\/+$/, '')
    : null;
};

const origins: Parse<string[]> = (text) => {
  const listed = text.split(',').map((origin) => origin.trim());
  return listed.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin) ? listed : null;
};

function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
