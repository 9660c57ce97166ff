import { agentNames } from '../agents/agent.ts';
import { PipelineError } from '../errors.ts';
import type { SupervisorOptions } from './supervisor.ts';

/** A part of which something is missing, and what, in words. */
export interface MissingPart {
  readonly part: string;
  readonly what: string;
}

/** The supervisor is not made: it would fail later. */
export class SupervisorRefused extends PipelineError {
  readonly missing: readonly MissingPart[];

  constructor(missing: readonly MissingPart[]) {
    super('CONFIGURATION_INVALID', {
      detail: `the supervisor cannot start without ${missing.map(({ what }) => what).join(', ')}: pass it to createPipeline`,
    });
    this.missing = missing;
  }
}

/**
 * Refuses to start with anything missing. A part that is there but null or of the wrong kind is missing
 * too. Throws SupervisorRefused, which names all that is missing at once.
 */
export function validateDependencies(options: SupervisorOptions): void {
  const missing = missingParts(options);
  if (missing.length > 0) throw new SupervisorRefused(missing);
}

/** What is missing now: parts may be live objects, and what was there at the start need not be there later. */
export function missingParts(options: SupervisorOptions): MissingPart[] {
  const given = options as Partial<Record<keyof SupervisorOptions, unknown>>;
  const parts = membersOf(given.parts);
  const agents = membersOf(parts.agents);
  const missing: MissingPart[] = [];
  const needs = (isThere: boolean, part: string, what: string): void => {
    if (!isThere) missing.push({ part, what });
  };
  for (const name of agentNames) needs(isAgentClass(agents[name], name), 'agents', `the agent ${name}`);
  for (const name of toolsNeeded) needs(hasTool(parts.tools, name), 'tools', `the tool ${name}`);
  needs(hasMethods(parts.codec, ['encode', 'decode']), 'codec', 'the codec');
  needs(typeof parts.createRegistry === 'function', 'registry', 'the agent registry');
  needs(typeof parts.createEngine === 'function', 'engine', 'the execution engine');
  needs(typeof parts.createLedger === 'function', 'ledger', 'the ledger of runs');
  needs(hasMethods(given.model, ['complete']), 'model', 'the model client');
  needs(hasMethods(given.cache, ['get', 'set']), 'cache', 'the cache');
  needs(hasMethods(given.states, ['open']), 'states', 'the run states');
  needs(hasMethods(given.place, ['open']), 'place', 'the place where agents run');
  needs(hasMethods(given.clock, ['now', 'after']), 'clock', 'the clock');
  needs(
    hasMethods(given.witness, ['failed', 'agentLived', 'agentMeasured', 'altered']),
    'witness',
    'the witness',
  );
  return missing;
}

/** Tools that agents call by name themselves. */
const toolsNeeded = ['fetch_usage_metrics', 'compute_cost_and_latency', 'look_up_model_prices'];

function hasTool(tools: unknown, needed: string): boolean {
  if (!Array.isArray(tools)) return false;
  return tools.some((tool) => {
    const { name, run } = membersOf(tool);
    return name === needed && typeof run === 'function';
  });
}

function hasMethods(given: unknown, methods: readonly string[]): boolean {
  const members = membersOf(given);
  return methods.every((method) => typeof members[method] === 'function');
}

function isAgentClass(candidate: unknown, name: string): boolean {
  return typeof candidate === 'function' && membersOf(candidate).agentName === name;
}

function membersOf(value: unknown): Record<string, unknown> {
  const hasMembers = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return hasMembers ? (value as Record<string, unknown>) : {};
}
