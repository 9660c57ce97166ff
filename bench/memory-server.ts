import { createSystemPorts } from '../src/adapters/system-ports.ts';
import { pipelineConfig } from '../src/config.ts';
import { createHealthyParts } from '../src/healthy-parts.ts';
import { createScriptedFetch } from '../src/model/scripted.ts';
import { createPipeline } from '../src/pipeline.ts';
import type { UsageRecord } from '../src/ports.ts';
import { benchJwt } from './delivery-wire.ts';

/** The whole pipeline in a process of its own, started by `memory.ts`; asked for its memory, it collects first. */

/** What the process holds after a collection, bytes. */
export interface Memory {
  readonly held: number;
  readonly resident: number;
}

const usage = {
  fetch: async (): Promise<readonly UsageRecord[]> =>
    Array.from({ length: 24 }, (_, hour) => ({
      id: `rec-${hour}`,
      at: new Date(Date.UTC(2025, 0, 1, hour)).toISOString(),
      model: hour % 3 === 0 ? 'gpt-4o' : 'gpt-4o-mini',
      latencyMs: 100 + hour,
      promptTokens: 1_000,
      completionTokens: 200,
    })),
};
const config = pipelineConfig.parse({
  jwt: benchJwt,
  origins: { withoutOrigin: true },
  model: { url: 'http://model.bench/v1', name: 'scripted', apiKey: 'none' },
  limits: { runsPerUser: 100 },
  logLevel: 'silent',
});
const ports = createSystemPorts({
  host: '127.0.0.1',
  port: 0,
  redis: { options: JSON.parse(process.env.FAULTLINE_BENCH_REDIS ?? '{}'), keyPrefix: 'bench-memory:' },
  usage,
  fetch: createScriptedFetch(),
});

process.on('message', () => {
  globalThis.gc?.();
  const { external, heapUsed, rss } = process.memoryUsage();
  process.send?.({ held: heapUsed + external, resident: rss } satisfies Memory, () => {});
});
process.on('disconnect', () => process.exit(0));
const { url } = await createPipeline(ports, config, createHealthyParts(usage)).start();
process.send?.({ url }, () => {});
