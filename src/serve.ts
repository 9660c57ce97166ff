import { collectDefaultMetrics } from 'prom-client';
import { createSystemPorts } from './adapters/system-ports.ts';
import { usageSource } from './adapters/usage-source.ts';
import { configFromEnvironment } from './environment.ts';
import { createHealthyParts } from './healthy-parts.ts';
import { createScriptedFetch } from './model/scripted.ts';
import { createPipeline } from './pipeline.ts';

/** A pipeline that serves until it is told to stop. */
export interface Serving {
  readonly url: string;
  /** Resolves when everything is closed, after SIGINT, SIGTERM or `stop`. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/**
 * The pipeline for real, as the environment says. Rejects with a PipelineError that names all that is missing:
 * CONFIGURATION_INVALID where a variable, a file or a part is, SERVICE_NOT_READY where Redis, the model or the
 * source of usage records did not come. `model: 'scripted'` asks no language model, and every answer then names
 * the model `scripted`. `degraded`: as ALLOW_DEGRADED=true.
 */
export async function serve(
  environment: Readonly<Record<string, string | undefined>>,
  options: { readonly model?: 'scripted'; readonly degraded?: boolean } = {},
): Promise<Serving> {
  const config = configFromEnvironment(environment, options);
  const usage = usageSource(config.usageSource);
  const ports = createSystemPorts({
    host: config.host,
    port: config.port,
    redis: config.redis,
    usage,
    ...(options.model === 'scripted' ? { fetch: createScriptedFetch() } : {}),
  });
  const pipeline = createPipeline(ports, config.pipeline, createHealthyParts(usage));
  const { url } = await pipeline.start();
  collectDefaultMetrics({ register: pipeline.registry });

  let stopped = (): void => {};
  const whenStopped = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const stop = async (): Promise<void> => {
    for (const signal of signals) process.removeListener(signal, onSignal);
    await pipeline.close();
    stopped();
  };
  const onSignal = (): void => void stop();
  for (const signal of signals) process.once(signal, onSignal);
  return { url, stopped: whenStopped, stop };
}

const signals = ['SIGINT', 'SIGTERM'] as const;
