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
  const witnessed = ['failed', 'agentLived', 'agentMeasured', 'altered'];
  return [
    ...agentNames
      .filter((name) => !isAgentClass(agents[name], name))
      .map((name) => ({ part: 'agents', what: `the agent ${name}` })),
    ...missingTools(parts.tools).map((what) => ({ part: 'tools', what })),
    ...missingMethods('codec', 'the codec', parts.codec, ['encode', 'decode']),
    ...(typeof parts.createRegistry === 'function' ? [] : [{ part: 'registry', what: 'the agent registry' }]),
    ...(typeof parts.createEngine === 'function' ? [] : [{ part: 'engine', what: 'the execution engine' }]),
    ...(typeof parts.createLedger === 'function' ? [] : [{ part: 'ledger', what: 'the ledger of runs' }]),
    ...missingMethods('model', 'the model client', given.model, ['complete']),
    ...missingMethods('cache', 'the cache', given.cache, ['get', 'set']),
    ...missingMethods('states', 'the run states', given.states, ['open']),
    ...missingMethods('place', 'the place where agents run', given.place, ['open']),
    ...missingMethods('clock', 'the clock', given.clock, ['now', 'after']),
    ...missingMethods('witness', 'the witness', given.witness, witnessed),
  ];
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

function missingMethods(
  part: string,
  what: string,
  given: unknown,
  methods: readonly string[],
): MissingPart[] {
  const members = membersOf(given);
  return methods.every((method) => typeof members[method] === 'function') ? [] : [{ part, what }];
}

function isAgentClass(candidate: unknown, name: string): boolean {
  return typeof candidate === 'function' && membersOf(candidate).agentName === name;
}

function membersOf(value: unknown): Record<string, unknown> {
  const hasMembers = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return hasMembers ? (value as Record<string, unknown>) : {};
}
