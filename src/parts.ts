import type { AgentClass, AgentName } from './agents/agent.ts';
import type { Codec } from './codec/codec.ts';
import type { Engine } from './execution/engine.ts';
import type { EngineMeans } from './execution/engine-means.ts';
import type { Tool } from './tools/tool.ts';

/**
 * What the pipeline is put together from. `createPipeline(ports, config, parts)` takes any set of parts;
 * `healthy-parts.ts` holds the ones that run in production. A team swaps a part to extend the pipeline.
 */
export interface Parts {
  readonly codec: Codec;
  /** Classes, never instances: each run gets fresh ones. */
  readonly agents: Readonly<Record<AgentName, AgentClass>>;
  readonly tools: readonly Tool[];
  /** Called once for each run. */
  readonly createEngine: (means: EngineMeans) => Engine;
}
