import { assemble, type Pipeline, type SupervisorGround } from './assembly.ts';
import { breakingRedis, redisCircuits } from './breakers/breaking-redis.ts';
import type { CircuitsOptions } from './breakers/circuits.ts';
import type { PipelineConfig } from './config.ts';
import { modelDependency } from './dependencies/model.ts';
import { usageDependency } from './dependencies/usage.ts';
import { createWatch } from './dependencies/watch.ts';
import type { Metrics } from './metrics.ts';
import { createModelClient, modelCircuits } from './model/http-model-client.ts';
import type { Parts } from './parts.ts';
import type { Ports } from './ports.ts';
import { stopMsOf } from './run-deadline.ts';
import type { RunWitness, Supervisor } from './supervisor/run-means.ts';
import { createSupervisor } from './supervisor/supervisor.ts';
import { toolCircuits } from './tools/dispatcher.ts';

export type { Pipeline } from './assembly.ts';

/**
 * The whole pipeline, not started yet. The same call serves production and tests: only the ports differ.
 * A part that is missing is found by `start`, which then names it.
 */
export function createPipeline(ports: Ports, config: PipelineConfig, parts: Parts): Pipeline {
  const { clock, dice } = ports;
  const circuits = (options: Omit<CircuitsOptions, 'clock'>) => parts.createCircuits({ ...options, clock });
  const ofModel = circuits(modelCircuits);
  const ofTools = circuits(toolCircuits);
  const ofRedis = circuits(redisCircuits);
  const modelItself = modelDependency(config.model, ports.fetch);
  const watch = createWatch(modelItself, { clock, ...config.prerequisites });
  const superviseRuns = ({ redis, keys, metrics, onClose, ...ground }: SupervisorGround): Supervisor => {
    const { codec } = parts;
    const helpful = breakingRedis(redis, ofRedis);
    const witness = countingAlterations(ground.witness, metrics);
    const place = parts.createPlace?.({
      ...config.agents,
      rooms: ports.rooms,
      sources: parts.agentSources,
    });
    onClose(async () => place?.close());
    return createSupervisor({
      parts,
      model: createModelClient({
        fetch: ports.fetch,
        clock,
        dice,
        circuits: ofModel,
        watch,
        url: config.model.url,
        apiKey: config.model.apiKey ?? '',
        model: config.model.name,
        tools: parts.tools ?? [],
        timeoutMs: config.timeouts.modelMs,
      }),
      cache: parts.createCache?.({ redis: helpful, keys, codec, expiryS: config.expiry.cacheS, witness }),
      states: parts.createRunStates?.({ redis: helpful, keys, codec, expiryS: config.expiry.stateS }),
      place,
      clock,
      witness,
      runBytes: config.limits.runBytes,
      agentTimeoutMs: config.timeouts.agentMs,
      toolTimeoutMs: config.timeouts.toolMs,
      toolCircuits: ofTools,
      runTimeoutMs: stopMsOf(config.timeouts.runMs),
    });
  };
  return assemble(ports, config, superviseRuns, parts.gateway, {
    startUp: parts.startUp,
    createPrerequisites: parts.createPrerequisites,
    dependencies: [modelItself, usageDependency(ports.usage)],
    model: { watch, circuits: ofModel },
    circuits: [ofModel, ofTools, ofRedis],
  });
}

/** The same witness; what encoding altered is counted too. */
function countingAlterations(witness: RunWitness, metrics: Metrics): RunWitness {
  return {
    ...witness,
    altered(where, account, agent) {
      for (const { kind } of account) metrics.altered(agent, kind);
      witness.altered(where, account, agent);
    },
  };
}
