import type { AgentClass, AgentName } from './agents/agent.ts';
import type { AgentRegistry } from './agents/registry.ts';
import type { Circuits, CircuitsOptions } from './breakers/circuits.ts';
import type { OutcomeCache } from './cache/outcome-cache.ts';
import type { RedisCacheOptions } from './cache/redis-outcome-cache.ts';
import type { Codec } from './codec/codec.ts';
import type { Engine } from './execution/engine.ts';
import type { EngineMeans } from './execution/engine-means.ts';
import type { PlaceMeans } from './execution/places/create-place.ts';
import type { Place } from './execution/places/place.ts';
import type { AgentSource } from './execution/places/room-words.ts';
import type { RunLedger, RunLedgerMeans } from './execution/run-ledger.ts';
import type { GatewayParts } from './gateway/gateway-parts.ts';
import type { Prerequisites, PrerequisitesMeans } from './prerequisites/prerequisites.ts';
import type { StartUp } from './startup/start-up.ts';
import type { RedisRunStatesOptions } from './state/redis-run-states.ts';
import type { RunStates } from './state/run-state.ts';
import type { Tool } from './tools/tool.ts';

/**
 * What the pipeline is put together from. `createPipeline(ports, config, parts)` takes any set of parts;
 * `healthy-parts.ts` holds the ones that run in production. A team swaps a part to extend the pipeline.
 */
export interface Parts {
  readonly codec: Codec;
  /** Classes, never instances: each run gets fresh ones. */
  readonly agents: Readonly<Record<AgentName, AgentClass>>;
  /** The same agents for places that cannot be handed a class. */
  readonly agentSources: Readonly<Record<AgentName, AgentSource>>;
  readonly tools: readonly Tool[];
  /** Where the engine gets agents from. Called once for each run. */
  readonly createRegistry: (agents: Parts['agents']) => AgentRegistry;
  /** Where agents run. Called once, at the start. */
  readonly createPlace: (means: PlaceMeans) => Place;
  /** What serves later runs with earlier outcomes. Called once, at the start. */
  readonly createCache: (options: RedisCacheOptions) => OutcomeCache;
  /** What keeps what runs have found so far. Called once, at the start. */
  readonly createRunStates: (options: RedisRunStatesOptions) => RunStates;
  /** Counts what a run holds. Called once for each run. */
  readonly createLedger: (means: RunLedgerMeans) => RunLedger;
  /** Called once for each run. */
  readonly createEngine: (means: EngineMeans) => Engine;
  /** Keeps calls from a dependency that fails. Called once for each dependency, at the start. */
  readonly createCircuits: (options: CircuitsOptions) => Circuits;
  /** Decides whether the pipeline may serve. Called once, at the start. */
  readonly startUp: StartUp;
  /** Looks at what each run needs before it begins. Called once, at the start. */
  readonly createPrerequisites: (means: PrerequisitesMeans) => Prerequisites;
  readonly gateway: GatewayParts;
}
