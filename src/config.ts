import { z } from 'zod';
import { placeNames } from './execution/places/place.ts';

const positive = z.number().int().min(1);

/**
 * What `createPipeline` is told, as plain data. Names end in their unit; every default is what production
 * runs with.
 */
export const pipelineConfig = z.strictObject({
  environment: z.enum(['development', 'staging', 'production']).default('production'),
  /** In development: start without what is missing, and refuse every request by name. */
  degraded: z.boolean().default(false),
  jwt: z.strictObject({
    /** HS256 key; at least 32 bytes, as the algorithm asks (RFC 7518 §3.2). */
    secret: z.string().min(32),
    audience: z.string().min(1),
  }),
  origins: z
    .strictObject({
      /** Exact origins, e.g. `https://app.example.com`. */
      allowed: z.array(z.string()).default([]),
      /** Whether clients that send no Origin (no browsers) are let in. */
      withoutOrigin: z.boolean().default(false),
    })
    .prefault({}),
  /** An OpenAI-compatible chat API: requests go to `<url>/chat/completions`. */
  model: z.strictObject({
    url: z.string().min(1),
    /** `scripted` where no real model answers. */
    name: z.string().min(1),
    apiKey: z.string().exactOptional(),
  }),
  /** How a start looks for what it needs. */
  startup: z
    .strictObject({
      tries: positive.default(3),
      /** Between two tries. */
      pauseMs: positive.default(1_000),
      /** How long one dependency may take to answer. */
      checkMs: positive.default(5_000),
    })
    .prefault({}),
  /** What is looked at before anything is spent on a run. */
  prerequisites: z
    .strictObject({
      /** `permissive`: only what is known for certain refuses a run. */
      level: z.enum(['strict', 'permissive']).default('strict'),
      /** How long a run may wait for what nobody knows yet. */
      deadlineMs: positive.default(100),
      /** How long an answer of a dependency counts, a good one as a bad one. */
      ttlMs: positive.default(1_000),
      /** How long a dependency that is looked at may take to answer. */
      answerMs: positive.default(1_000),
      /** The scope that a token needs to start runs; empty: any good token will do. */
      startScope: z.string().default(''),
    })
    .prefault({}),
  limits: z
    .strictObject({
      messageBytes: positive.default(1024 * 1024),
      jsonDepth: positive.default(64),
      /** Messages kept between the upgrade and `connection_established`. */
      earlyMessages: positive.default(64),
      /** Their bytes together. */
      earlyBytes: positive.default(256 * 1024),
      /** Frames that one message may be cut into. */
      messageFragments: positive.default(1_024),
      connections: positive.default(10_000),
      connectionsPerUser: positive.default(10),
      /** Runs of one user at the same time, over all gateways on one Redis. */
      runsPerUser: positive.default(10),
      /** Runs of all users at the same time, in one gateway. */
      runs: positive.default(1_000),
      /** What the process may have in memory: above, no new run is taken on. */
      processBytes: positive.default(1024 * 1024 * 1024),
      /** What one run may hold at the same time: prompts, answers, results. */
      runBytes: positive.default(32 * 1024 * 1024),
      /** Entries of the audit trail of contexts that are kept in memory. */
      auditEntries: positive.default(1_000),
      messagesPerSecond: positive.default(50),
      /** How many messages may come at once before the rate counts. */
      messageBurst: positive.default(500),
      /** What may wait unsent for one connection before another message closes it. */
      sendBufferBytes: positive.default(16 * 1024 * 1024),
    })
    .prefault({}),
  agents: z
    .strictObject({
      /** Where agents run: see docs/agents.md for what each place survives. */
      place: z.enum(placeNames).default('in-process'),
      /** What an agent may take where it runs apart: a worker's heap, a child's resident memory. */
      memoryBytes: positive.default(512 * 1024 * 1024),
      /** How many threads or processes for agents there are at most. */
      roomsMost: positive.default(16),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      /** From the first byte of a connection to the end of its handshake. */
      handshakeMs: positive.default(10_000),
      /** How long a connection may be silent before it is pinged. */
      heartbeatMs: positive.default(25_000),
      /** How long after a ping a connection may stay silent. */
      heartbeatDeadlineMs: positive.default(20_000),
      /** How long an agent may show nothing before its user is told that it is at work. */
      agentHeartbeatMs: positive.default(5_000),
      agentMs: positive.default(25_000),
      modelMs: positive.default(15_000),
      toolMs: positive.default(10_000),
      runMs: positive.default(120_000),
      /** One Redis command, waiting for a connection included. */
      redisCommandMs: positive.default(4_000),
      /** How long Redis may be silent on a command before its connection is replaced. */
      redisSilenceMs: positive.default(1_500),
      /** How long after its last sign of life in Redis a gateway's runs are its own; longer than one command. */
      leaseMs: positive.default(15_000),
      /** How long a sent event may be unconfirmed before it is sent again; doubled each time. */
      confirmMs: positive.default(5_000),
      /** How long a reader may take nothing of what was sent before it is let go. */
      slowReaderMs: positive.default(30_000),
      /** How long runs may go on after `close`. */
      shutdownMs: positive.default(5_000),
    })
    .prefault({}),
  /** How long things stay in Redis; longer than a run may take. */
  expiry: z
    .strictObject({
      eventsS: positive.default(3_600),
      stateS: positive.default(3_600),
      cacheS: positive.default(3_600),
    })
    .prefault({}),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type PipelineConfig = z.output<typeof pipelineConfig>;
/** The same with every default left out. */
export type PipelineConfigInput = z.input<typeof pipelineConfig>;
