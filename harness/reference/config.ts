import { createHmac } from 'node:crypto';
import { type PipelineConfig, pipelineConfig } from '../../src/config.ts';

/** The audience of the tokens that simulated users show. */
export const audience = 'faultline-reference';

/** Signs tokens in plays, and nowhere else: it protects nothing. */
const testSecret = 'only-for-plays-of-the-reference-pipeline';

/** Milliseconds within which the reference pipeline must end a run. */
export const runMs = 20_000;

/** How long a user waits for a run: longer than the pipeline may take, so that giving up means something. */
export const patienceMs = 30_000;

/** Before every key of the reference pipeline, in a Redis of its own. */
export const keyPrefix = 'faultline:';

/**
 * How the reference pipeline is set up in both worlds: as in production but for shorter deadlines, so that
 * a real play does not wait long, and for limits that no generated workload reaches.
 */
export function referenceConfig(options: { readonly modelUrl: string }): PipelineConfig {
  return { ...reference, model: { ...reference.model, url: options.modelUrl } };
}

/** Read once: a simulation asks for it in every play. */
const reference = pipelineConfig.parse({
  jwt: { secret: testSecret, audience },
  origins: { withoutOrigin: true },
  model: { url: 'replaced by referenceConfig', name: 'scripted', apiKey: 'no-key-is-needed' },
  limits: { connectionsPerUser: 50, runsPerUser: 200, messagesPerSecond: 1_000, messageBurst: 2_000 },
  timeouts: {
    handshakeMs: 3_000,
    agentMs: 4_000,
    modelMs: 2_000,
    toolMs: 1_500,
    runMs,
    redisCommandMs: 1_500,
    redisSilenceMs: 500,
    shutdownMs: 1_000,
  },
  logLevel: 'warn',
});

/** A user's token (JWT, HS256), good for an hour from `nowMs` (milliseconds since the Unix epoch). */
export function tokenFor(user: string, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1000);
  const head = base64url({ alg: 'HS256', typ: 'JWT' });
  const claims = base64url({ sub: user, aud: audience, iat: issuedAt, exp: issuedAt + 3600 });
  const signature = createHmac('sha256', testSecret).update(`${head}.${claims}`).digest('base64url');
  return `${head}.${claims}.${signature}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
