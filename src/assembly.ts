import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import type { PipelineConfig } from './config.ts';
import { createAuditTrail } from './context/audit-trail.ts';
import { createPlaces } from './context/places.ts';
import { openStoreSession } from './context/store-session.ts';
import { createEventLog } from './delivery/event-log.ts';
import { createLease } from './delivery/lease.ts';
import { createStore } from './delivery/store.ts';
import { PipelineError } from './errors.ts';
import { createAuthenticator } from './gateway/authenticate.ts';
import { createGateway } from './gateway/gateway.ts';
import { type GatewayParts, healthyGateway } from './gateway/gateway-parts.ts';
import { createHealth } from './gateway/health.ts';
import { createRevocations } from './gateway/revocations.ts';
import { createRuns } from './gateway/runs.ts';
import { type Keys, keysUnder } from './keys.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Ports } from './ports.ts';
import { contextMsOf } from './run-deadline.ts';
import type { RunWitness, Supervisor } from './supervisor/run-means.ts';

/** A pipeline that can be reached once it was started; it starts once. */
export interface Pipeline {
  /** Rejects with a PipelineError that names what is missing; then everything is closed again. */
  start(): Promise<{ readonly url: string }>;
  /** Ends runs, connections and timers: nothing outlives it. Calling it twice is fine. */
  close(): Promise<void>;
  /** What `/metrics` shows, for whoever wants to add to it. */
  readonly registry: Registry;
}

/** What the work on runs is given by the place where they are accepted. */
export interface SupervisorGround {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly witness: RunWitness;
  readonly metrics: Metrics;
  /** What it holds is closed with the pipeline, after its last run. */
  onClose(closer: () => Promise<void>): void;
}

/** Joins everything that stands around the supervisor. The only place where ports are handed out. */
export function assemble(
  ports: Ports,
  config: PipelineConfig,
  createSupervisor: (ground: SupervisorGround) => Supervisor,
  gatewayParts: GatewayParts = healthyGateway,
): Pipeline {
  const { clock, ids } = ports;
  const log = createLog({
    sink: ports.log,
    clock,
    level: config.logLevel,
    secrets: secretsOf(ports, config),
  });
  const metrics = createMetrics(() => contexts.size);
  metrics.watchMemory(() => ports.memory.usedBytes() / config.limits.processBytes);
  const keys = keysUnder(ports.redis.keyPrefix);
  const store = createStore(ports.redis, {
    clock,
    commandMs: config.timeouts.redisCommandMs,
    silenceMs: config.timeouts.redisSilenceMs,
    onError: (error) => {
      metrics.storeFailed('connection');
      log.warn({ code: 'STORE_UNAVAILABLE', err: error }, 'redis connection');
    },
    onReady: () => void delivery.settle(),
  });
  const eventLog = createEventLog(store.redis, keys, config.expiry.eventsS);
  const lease = createLease({
    redis: store.redis,
    keys,
    clock,
    gateway: ids.next('gateway'),
    leaseMs: config.timeouts.leaseMs,
    isNeeded: () => contexts.size > 0,
    failed: (thrown) => {
      metrics.storeFailed('lease');
      log.error({ code: 'STORE_UNAVAILABLE', what: 'lease', err: thrown }, 'delivery');
    },
  });
  const delivery = gatewayParts.createDelivery({
    log: eventLog,
    lease,
    clock,
    confirmMs: config.timeouts.confirmMs,
    slowReaderMs: config.timeouts.slowReaderMs,
    witness: {
      appended: metrics.eventAppended,
      sent: metrics.eventsSent,
      sentAgain: metrics.eventsSentAgain,
      confirmed: metrics.eventsConfirmed,
      unconfirmed: ({ user, run }, count) => {
        metrics.eventsUnconfirmed(count);
        log.warn({ user, run, count }, 'events were not confirmed');
      },
      lost: metrics.eventsLost,
      storeFailed: (what, { user, run }, thrown) => {
        metrics.storeFailed(what);
        log.error({ code: 'STORE_UNAVAILABLE', what, user, run, err: thrown }, 'delivery');
      },
    },
  });
  const contextMs = contextMsOf(config.timeouts.runMs);
  const audit = createAuditTrail({
    clock,
    entriesMax: config.limits.auditEntries,
    tell: ({ at: _, code, correlationId, runId, userId, what }) => {
      metrics.contextAudited(what);
      log.info({ code, correlation_id: correlationId, user: userId, run: runId }, `context ${what}`);
    },
  });
  const contexts = gatewayParts.createContextManager({
    clock,
    ids,
    limits: config.limits,
    contextMs,
    places: createPlaces(store.redis, keys, {
      placesPerUser: config.limits.runsPerUser,
      expiryMs: contextMs,
    }),
    audit,
    log,
    leaveFailed: ({ correlationId, runId, userId }, thrown) => {
      metrics.storeFailed('place');
      log.error(
        {
          code: 'STORE_UNAVAILABLE',
          what: 'place',
          correlation_id: correlationId,
          user: userId,
          run: runId,
          err: thrown,
        },
        'contexts',
      );
    },
    openSession: (asked, id, opened) =>
      openStoreSession(store.redis, { id, opened, stateKey: keys.state(asked.userId, asked.runId) }),
  });

  let closing: Promise<void> | null = null;
  const closers: (() => Promise<void> | void)[] = [
    () => store.close(),
    () => lease.release(),
    () => delivery.close(),
  ];
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const closer of closers.reverse()) await closer();
    })();
    return closing;
  };

  const start = async (): Promise<{ url: string }> => {
    const supervisor = createSupervisor({
      redis: store.redis,
      keys,
      metrics,
      witness: witnessOf(log, metrics),
      onClose: (closer) => closers.push(closer),
    });
    const authenticator = await createAuthenticator({
      ...config.jwt,
      clock,
      revocations: createRevocations(store.redis, keys),
    });
    await store.start();
    const guard = gatewayParts.createMemoryGuard({
      memory: ports.memory,
      mostBytes: config.limits.processBytes,
      over: (bytes) => log.warn({ code: 'OVERLOADED', bytes }, 'memory'),
    });
    const runs = createRuns({
      contexts,
      delivery,
      supervisor,
      clock,
      metrics,
      log,
      guard,
      createPulses: gatewayParts.createPulses,
      runMs: config.timeouts.runMs,
      agentHeartbeatMs: config.timeouts.agentHeartbeatMs,
      shutdownMs: config.timeouts.shutdownMs,
    });
    const health = createHealth({
      store,
      clock,
      hasModel: config.model.url !== '',
      hasSupervisor: supervisor !== null && supervisor !== undefined,
      metrics,
    });
    const gateway = createGateway({
      parts: gatewayParts,
      config,
      clock,
      ids,
      metrics,
      log,
      authenticator,
      store,
      delivery,
      runs,
      health,
    });
    const listening = await ports.listener.listen(gateway.server);
    if (closing !== null) {
      await gateway.close();
      await listening.close();
      throw new PipelineError('SERVICE_NOT_READY', { detail: 'closed while it started' });
    }
    closers.push(
      () => listening.close(),
      () => gateway.close(),
      () => runs.close(),
      () => {
        health.stopping();
        gateway.refuseNew();
      },
    );
    log.info({ url: listening.url }, 'listening');
    return { url: listening.url };
  };

  return {
    start: () =>
      start().catch(async (thrown: unknown) => {
        await close();
        throw thrown;
      }),
    close,
    registry: metrics.registry,
  };
}

function witnessOf(log: Log, metrics: Metrics): RunWitness {
  return {
    failed: ({ code, correlationId, runId, thrown, userId, where }) =>
      log.warn(
        { code, correlation_id: correlationId, user: userId, run: runId, where, err: thrown },
        'failed',
      ),
    agentLived: ({ agent, correlationId, runId, stage, userId }) => {
      const level = stage === 'started' || stage === 'ended' ? 'info' : 'debug';
      log[level]({ correlation_id: correlationId, user: userId, run: runId, agent }, `agent ${stage}`);
    },
    agentMeasured: metrics.agentMeasured,
    cacheMeasured: metrics.cacheMeasured,
    altered: (where, account) => log.warn({ where, count: account.length }, 'values altered by encoding'),
  };
}

function secretsOf(ports: Ports, config: PipelineConfig): string[] {
  const { password } = ports.redis.options;
  return [config.jwt.secret, config.model.apiKey, password].filter(
    (secret): secret is string => typeof secret === 'string' && secret !== '',
  );
}
