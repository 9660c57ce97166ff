import { agentNames } from '../agents/agent.ts';
import { PipelineError } from '../errors.ts';
import type { SupervisorOptions } from './supervisor.ts';

/**
 * Refuses to start with anything missing. A part that is there but null or of the wrong kind is missing
 * too. Throws CONFIGURATION_INVALID, which names all that is missing at once.
 */
export function validateDependencies(options: SupervisorOptions): void {
  const given = options as Partial<Record<keyof SupervisorOptions, unknown>>;
  const parts = membersOf(given.parts);
  const agents = membersOf(parts.agents);
  const missing = [
    ...agentNames.filter((name) => !isAgentClass(agents[name], name)).map((name) => `the agent ${name}`),
    ...missingTools(parts.tools),
    ...missingMethods('the codec', parts.codec, ['encode', 'decode']),
    ...(typeof parts.createRegistry === 'function' ? [] : ['the agent registry']),
    ...(typeof parts.createEngine === 'function' ? [] : ['the execution engine']),
    ...(typeof parts.createLedger === 'function' ? [] : ['the ledger of runs']),
    ...missingMethods('the model client', given.model, ['complete']),
    ...missingMethods('the cache', given.cache, ['get', 'set']),
    ...missingMethods('the run states', given.states, ['open']),
    ...missingMethods('the place where agents run', given.place, ['open']),
    ...missingMethods('the clock', given.clock, ['now', 'after']),
    ...missingMethods('the witness', given.witness, ['failed', 'agentLived', 'agentMeasured', 'altered']),
  ];
  if (missing.length === 0) return;
  throw new PipelineError('CONFIGURATION_INVALID', {
    detail: `the supervisor cannot start without ${missing.join(', ')}: pass it to createPipeline`,
  });
}

/** Tools that agents call by name themselves. */
const toolsNeeded = ['fetch_usage_metrics', 'compute_cost_and_latency', 'look_up_model_prices'];

function missingTools(tools: unknown): string[] {
  const present = Array.isArray(tools)
    ? tools.map(membersOf).filter(({ run }) => typeof run === 'function')
    : [];
  return toolsNeeded
    .filter((name) => !present.some((tool) => tool.name === name))
    .map((name) => `the tool ${name}`);
}

function missingMethods(what: string, part: unknown, methods: readonly string[]): string[] {
  const members = membersOf(part);
  return methods.every((method) => typeof members[method] === 'function') ? [] : [what];
}

function isAgentClass(candidate: unknown, name: string): boolean {
  return typeof candidate === 'function' && membersOf(candidate).agentName === name;
}

function membersOf(value: unknown): Record<string, unknown> {
  const hasMembers = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return hasMembers ? (value as Record<string, unknown>) : {};
}
