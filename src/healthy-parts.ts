import { ActionsAgent } from './agents/actions.ts';
import { DataAgent } from './agents/data.ts';
import { DataHelperAgent } from './agents/data-helper.ts';
import { OptimizationAgent } from './agents/optimization.ts';
import { createAgentRegistry } from './agents/registry.ts';
import { ReportingAgent } from './agents/reporting.ts';
import { agentSources } from './agents/sources.ts';
import { TriageAgent } from './agents/triage.ts';
import { createCircuits } from './breakers/circuits.ts';
import { createRedisOutcomeCache } from './cache/redis-outcome-cache.ts';
import { cleanJsonCodec } from './codec/clean-json.ts';
import { createPlace } from './execution/places/create-place.ts';
import { createRunLedger } from './execution/run-ledger.ts';
import { createEngine } from './execution/user-engine.ts';
import { healthyGateway } from './gateway/gateway-parts.ts';
import type { Parts } from './parts.ts';
import type { UsageSource } from './ports.ts';
import { createPrerequisites } from './prerequisites/prerequisites.ts';
import { rememberingCodec } from './remembering-codec.ts';
import { startUpChecked } from './startup/start-up.ts';
import { createRedisRunStates } from './state/redis-run-states.ts';
import { createTools } from './tools/tools.ts';

/** The parts that run in production. */
export function createHealthyParts(usage: UsageSource): Parts {
  return {
    codec: rememberingCodec(cleanJsonCodec),
    agents: {
      triage: TriageAgent,
      data: DataAgent,
      data_helper: DataHelperAgent,
      optimization: OptimizationAgent,
      actions: ActionsAgent,
      reporting: ReportingAgent,
    },
    agentSources,
    tools: createTools(usage),
    createRegistry: createAgentRegistry,
    createPlace,
    createCache: createRedisOutcomeCache,
    createRunStates: createRedisRunStates,
    createLedger: createRunLedger,
    createEngine,
    createCircuits,
    startUp: startUpChecked,
    createPrerequisites,
    gateway: healthyGateway,
  };
}
