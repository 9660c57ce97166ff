import { createHmac } from 'node:crypto';
import { type PipelineConfig, pipelineConfig } from '../../src/config.ts';
import type { Case } from '../case.ts';
import type { AgentPlace } from '../misbehaviour.ts';
import type { Startup } from '../startup.ts';

/** The audience of the tokens that simulated users show. */
export const audience = 'faultline-reference';

/** Signs tokens in plays, and nowhere else: it protects nothing. Secrets of plays begin alike, so that they are known wherever they turn up. */
const testSecret = 'secret-of-plays-of-the-reference-pipeline';

/** Milliseconds within which the reference pipeline must end a run. */
export const runMs = 20_000;

/** Milliseconds that one agent may take. */
export const agentMs = 4_000;

/** The same where agents run apart: a thread or process that a busy machine is slow to load counts, too. */
export function agentMsIn(place: AgentPlace | undefined): number {
  return place === undefined || place === 'in-process' ? agentMs : 10_000;
}

/** How long a peer may be silent before it is pinged, and how long after that. */
const heartbeat = { heartbeatMs: 1_500, heartbeatDeadlineMs: 1_500 };

/** Milliseconds within which the reference pipeline notices a dead peer: both waits, and half of the shorter one. */
export const peerMs = 3_750;

/**
 * Milliseconds within which the reference pipeline serves again, once what disturbed it is over: a connection of
 * which one half is left is noticed by then, and Redis is asked again every second.
 */
export const returnMs = 5_000;

/** How often and with which pause a start looks for what may come later. */
const startup = { tries: 3, pauseMs: 500, checkMs: 2_000 };

/** Milliseconds for which a start waits at least for what may come later. */
export const startMs = (startup.tries - 1) * startup.pauseMs;

/** How old what is known of a dependency may be when a run is begun, ms. */
export const knownMs = 1_000;

/** Milliseconds within which what a run needs is known to be there, by world: a real machine may be busy. */
export const prerequisiteMsIn = { simulated: 100, real: 1_500 } as const;

/** Messages that are kept before a connection is ready. */
export const earlyMessages = 64;

/** How long a user waits for a run: longer than the pipeline may take, so that giving up means something. */
export const patienceMs = 30_000;

/** Milliseconds that the most impatient part of the pipeline waits, which is the watch on the connection to Redis. */
export const borneMs = 500;

/** Runs that a user may have at the same time where a case says nothing of it: more than any workload starts. */
export const runsPerUser = 200;

/** Messages that may come on a connection where a case says nothing of it: more than any workload sends. */
export const messageRate = { messagesPerSecond: 1_000, messageBurst: 2_000 } as const;

/** What one run may hold in memory. */
export const runBytes = 8 * 1024 * 1024;

/** What the pipeline's process may have before it takes on no more runs. */
export const processBytes = 640 * 1024 * 1024;

/**
 * What the pipeline may have on its way to a client that does not read. Most of it is what two sockets of a real
 * machine keep between them; the pipeline's own share is less than one of it.
 */
export const unreadBytes = 16 * 1024 * 1024;

/** Before every key of the reference pipeline, in a Redis of its own. */
export const keyPrefix = 'faultline:';

/**
 * How the reference pipeline is set up in both worlds: as in production but for shorter deadlines, so that
 * a real play does not wait long, and for limits that no generated workload reaches.
 */
export function referenceConfig(options: {
  readonly modelUrl: string;
  /** In place of the usual ones. */
  readonly limits?: Case['limits'];
  /** Absent: in process. */
  readonly agentPlace?: AgentPlace | undefined;
  readonly startup?: Startup | undefined;
  /** How long a run may wait for what nobody knows yet. */
  readonly prerequisiteMs?: number;
}): PipelineConfig {
  const { modelUrl, limits, startup, agentPlace: place = reference.agents.place } = options;
  return {
    ...reference,
    model: { ...reference.model, url: modelUrl },
    limits: { ...reference.limits, ...limits },
    agents: { ...reference.agents, place },
    timeouts: { ...reference.timeouts, agentMs: agentMsIn(place) },
    prerequisites: {
      ...reference.prerequisites,
      deadlineMs: options.prerequisiteMs ?? prerequisiteMsIn.simulated,
    },
    environment: startup?.environment ?? 'production',
    degraded: startup?.degraded === true,
  };
}

/** Read once: a simulation asks for it in every play. */
const reference = pipelineConfig.parse({
  jwt: { secret: testSecret, audience },
  origins: { withoutOrigin: true },
  model: {
    url: 'replaced by referenceConfig',
    name: 'scripted',
    apiKey: 'secret-of-plays-for-a-model-that-asks-for-none',
  },
  startup,
  prerequisites: { ttlMs: knownMs },
  limits: {
    earlyMessages,
    connectionsPerUser: 50,
    runsPerUser,
    runBytes,
    processBytes,
    ...messageRate,
  },
  // Little, so that one that takes without end has soon taken it all; more than any agent needs.
  agents: { memoryBytes: 320 * 1024 * 1024 },
  timeouts: {
    handshakeMs: 3_000,
    ...heartbeat,
    agentMs,
    agentHeartbeatMs: 500,
    modelMs: 2_000,
    toolMs: 1_500,
    runMs,
    redisCommandMs: 1_500,
    redisSilenceMs: borneMs,
    leaseMs: 6_000,
    confirmMs: 1_000,
    shutdownMs: 1_000,
  },
  logLevel: 'info',
});

/** A user's token (JWT, HS256), good for an hour from `nowMs` (milliseconds since the Unix epoch). */
export function tokenFor(user: string, nowMs: number, unlike: TokenChanges = {}): string {
  const { claims = {}, secret = testSecret, alg = 'HS256' } = unlike;
  const issuedAt = Math.floor(nowMs / 1000);
  const head = base64url({ alg, typ: 'JWT' });
  const body = base64url({ sub: user, aud: audience, iat: issuedAt, exp: issuedAt + 3600, ...claims });
  const signature =
    alg === 'none' ? '' : createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

/** How a token differs from a good one. */
export interface TokenChanges {
  readonly claims?: { readonly [name: string]: string | number };
  readonly secret?: string;
  readonly alg?: 'HS256' | 'none';
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
