import { assemble, type Pipeline, type SupervisorGround } from './assembly.ts';
import type { PipelineConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import { createModelClient } from './model/http-model-client.ts';
import type { Parts } from './parts.ts';
import type { Ports } from './ports.ts';
import { stopMsOf } from './run-deadline.ts';
import type { RunWitness, Supervisor } from './supervisor/run-means.ts';
import { createSupervisor } from './supervisor/supervisor.ts';

export type { Pipeline } from './assembly.ts';

/**
 * The whole pipeline, not started yet. The same call serves production and tests: only the ports differ.
 * A part that is missing is found by `start`, which then names it.
 */
export function createPipeline(ports: Ports, config: PipelineConfig, parts: Parts): Pipeline {
  const { clock } = ports;
  const superviseRuns = ({ redis, keys, metrics, onClose, ...ground }: SupervisorGround): Supervisor => {
    const { codec } = parts;
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
        url: config.model.url,
        apiKey: config.model.apiKey ?? '',
        model: config.model.name,
        tools: parts.tools ?? [],
        timeoutMs: config.timeouts.modelMs,
      }),
      cache: parts.createCache?.({ redis, keys, codec, expiryS: config.expiry.cacheS, witness }),
      states: parts.createRunStates?.({ redis, keys, codec, expiryS: config.expiry.stateS }),
      place,
      clock,
      witness,
      runBytes: config.limits.runBytes,
      agentTimeoutMs: config.timeouts.agentMs,
      toolTimeoutMs: config.timeouts.toolMs,
      runTimeoutMs: stopMsOf(config.timeouts.runMs),
    });
  };
  return assemble(ports, config, superviseRuns, parts.gateway);
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
