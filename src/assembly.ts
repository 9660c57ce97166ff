import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import type { Circuits } from './breakers/circuits.ts';
import type { PipelineConfig } from './config.ts';
import { createAuditTrail } from './context/audit-trail.ts';
import { createSlots } from './context/slots.ts';
import { openStoreSession } from './context/store-session.ts';
import { createEventLog } from './delivery/event-log.ts';
import { createLease } from './delivery/lease.ts';
import { createStore } from './delivery/store.ts';
import type { Dependency } from './dependencies/dependency.ts';
import { redisDependency } from './dependencies/redis.ts';
import type { Watch } from './dependencies/watch.ts';
import { codeOf, PipelineError } from './errors.ts';
import { createAuthenticator } from './gateway/authenticate.ts';
import { createGateway } from './gateway/gateway.ts';
import { type GatewayParts, healthyGateway } from './gateway/gateway-parts.ts';
import { createHealth } from './gateway/health.ts';
import { createRevocations } from './gateway/revocations.ts';
import { createRuns } from './gateway/runs.ts';
import { type Keys, keysUnder } from './keys.ts';
import { createLog, type Log, redactor } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Parts } from './parts.ts';
import type { Ports } from './ports.ts';
import { runPrerequisites } from './prerequisites/checks.ts';
import { createPrerequisites } from './prerequisites/prerequisites.ts';
import { contextMsOf } from './run-deadline.ts';
import { StartRefused } from './startup/start-refused.ts';
import { closedMeanwhile, startUpChecked } from './startup/start-up.ts';
import { workerHeapsOutgrow } from './startup/worker-heaps.ts';
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

/** What the pipeline stands on, beside Redis. */
export interface Foundations extends Pick<Parts, 'startUp' | 'createPrerequisites'> {
  readonly dependencies: readonly Dependency[];
  /** Absent: nobody asks a model here. */
  readonly model: { readonly watch: Watch; readonly circuits: Circuits } | null;
  /** For `/metrics`. */
  readonly circuits: readonly Circuits[];
}

const standingAlone: Foundations = {
  startUp: startUpChecked,
  createPrerequisites,
  dependencies: [],
  model: null,
  circuits: [],
};

/** Joins everything that stands around the supervisor. The only place where ports are handed out. */
export function assemble(
  ports: Ports,
  config: PipelineConfig,
  createSupervisor: (ground: SupervisorGround) => Supervisor,
  gatewayParts: GatewayParts = healthyGateway,
  foundations: Foundations = standingAlone,
): Pipeline {
  const { clock, ids } = ports;
  const gatewayId = ids.next('gateway');
  const secrets = secretsOf(ports, config);
  const log = createLog({ sink: ports.log, clock, level: config.logLevel, secrets });
  const metrics = createMetrics(() => contexts.size());
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
    gateway: gatewayId,
    leaseMs: config.timeouts.leaseMs,
    isNeeded: () => contexts.size() > 0,
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
    slots: createSlots(store.redis, keys, {
      slotsPerUser: config.limits.runsPerUser,
      expiryMs: contextMs,
    }),
    audit,
    log,
    leaveFailed: ({ correlationId, runId, userId }, thrown) => {
      metrics.storeFailed('slot');
      log.error(
        {
          code: 'STORE_UNAVAILABLE',
          what: 'slot',
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
  const goesDown = new AbortController();
  const closers: (() => Promise<void> | void)[] = [
    () => store.close(),
    () => lease.release(),
    () => delivery.close(),
    () => foundations.model?.watch.close(),
  ];
  const close = (): Promise<void> => {
    goesDown.abort(goingDown);
    closing ??= (async () => {
      for (const closer of closers.reverse()) await closer();
    })();
    return closing;
  };
  /** Those are closed once: what comes after that is closed by itself. */
  const onClose = (closer: () => Promise<void>): void => {
    if (closing === null) closers.push(closer);
    else closing = closing.then(closer);
  };

  const start = async (): Promise<{ url: string }> => {
    const started = await foundations.startUp({
      dependencies: [redisDependency(ports.redis, store, keys.probe(gatewayId)), ...foundations.dependencies],
      createSupervisor: () =>
        createSupervisor({
          redis: store.redis,
          keys,
          metrics,
          witness: witnessOf(log, metrics),
          onClose,
        }),
      environment: config.environment,
      degraded: config.degraded,
      clock,
      log,
      redact: redactor(secrets),
      bounds: config.startup,
      closing: goesDown.signal,
    });
    if (workerHeapsOutgrow(config))
      log.warn(
        { agents: config.agents, processBytes: config.limits.processBytes },
        'the heaps of agents may outgrow the process: new runs are then refused',
      );
    const supervisor = 'supervisor' in started ? started.supervisor : noSupervisor;
    const lacks = 'lacks' in started ? started.lacks : [];
    const missingParts = (): readonly string[] =>
      supervisor === null ? ['the supervisor'] : (supervisor.missingParts?.() ?? []);
    const authenticator = await createAuthenticator({
      ...config.jwt,
      clock,
      revocations: createRevocations(store.redis, keys),
    });
    const guard = gatewayParts.createMemoryGuard({
      memory: ports.memory,
      mostBytes: config.limits.processBytes,
      over: (bytes) => log.warn({ code: 'OVERLOADED', bytes }, 'memory'),
    });
    const runs = createRuns({
      contexts,
      delivery,
      supervisor,
      prerequisites: foundations.createPrerequisites({
        clock,
        bounds: config.prerequisites,
        checks: runPrerequisites({
          startScope: config.prerequisites.startScope,
          missingParts,
          store,
          storeMs: config.prerequisites.deadlineMs,
          model: foundations.model,
        }),
        failed: (name, trouble, refused) => {
          metrics.prerequisiteFailed(name, refused);
          log.warn({ code: trouble.code, prerequisite: name, refused, err: trouble }, 'prerequisite failed');
        },
      }),
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
      lacks,
      missingParts,
      model: foundations.model,
      circuits: foundations.circuits,
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
      lacks,
    });
    const listening = await ports.listener.listen(gateway.server);
    if (closing !== null) {
      await gateway.close();
      await listening.close();
      throw new PipelineError('SERVICE_NOT_READY', { detail: closedMeanwhile });
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
        const missing = thrown instanceof StartRefused ? thrown.lacks.map(({ name }) => name) : [];
        log.error({ code: codeOf(thrown), missing, err: thrown }, 'the start was refused');
        await close();
        throw thrown;
      }),
    close,
    registry: metrics.registry,
  };
}

/** Why a start that is under way stops. */
const goingDown = new PipelineError('SERVICE_NOT_READY', { detail: closedMeanwhile });

/** Nothing reaches it: a degraded pipeline refuses every request at its front. */
const noSupervisor: Supervisor = {
  run: () => Promise.reject(new PipelineError('SERVICE_NOT_READY')),
};

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
