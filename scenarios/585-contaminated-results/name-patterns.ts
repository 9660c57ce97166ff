import type { AgentName } from '../../src/agents/agent.ts';
import { classNameOf } from './class-name.ts';
import { firstOf, type OldEntry } from './take-all-cache.ts';

/**
 * Flattens whatever has a suspicious class name, before it is written as JSON. Results were instances of a
 * class for each agent, and a part of a word is enough: `OptimizationResult` has an "io" in it.
 */
export function flattenedByName({ outcome, ...entry }: OldEntry): string {
  if (!outcome.ok) return JSON.stringify({ ...entry, outcome });
  const data = flattened(typed(outcome.agent, outcome.data), 0);
  return JSON.stringify({ ...entry, outcome: { ...outcome, data } });
}

/** Parts of names that the remedy took for a sign of something alive. */
const patterns = [
  'thread',
  'asyncio',
  'concurrent',
  'session',
  'connection',
  'pool',
  'engine',
  'agent',
  'executor',
  'dispatcher',
  'manager',
  'websocket',
  'socket',
  'client',
  'emitter',
  'file',
  'io',
];

const resultClasses = {
  triage: class TriageResult {},
  data: class DataAnalysisResult {},
  data_helper: class DataHelperResult {},
  optimization: class OptimizationResult {},
  actions: class ActionPlanResult {},
  reporting: class ReportResult {},
} as const satisfies Record<AgentName, new () => object>;

function typed(agent: AgentName, data: unknown): unknown {
  const isRecord = typeof data === 'object' && data !== null && classNameOf(data) === 'Object';
  if (!isRecord) return data;
  return Object.create(resultClasses[agent].prototype, Object.getOwnPropertyDescriptors(data));
}

const depthMax = 5;

function flattened(value: unknown, depth: number): unknown {
  return firstOf<unknown>(
    () => flattenedOnce(value, depth),
    () => '<object>',
  );
}

function flattenedOnce(value: unknown, depth: number): unknown {
  if (typeof value === 'function')
    return { type: 'callable_reference', name: value.name, class_name: 'Function' };
  if (typeof value !== 'object') return typeof value === 'bigint' ? `<bigint object>` : value;
  if (value === null) return null;
  const className = classNameOf(value);
  if (depth > depthMax) return `<max_depth_reached: ${className}>`;
  if (Array.isArray(value) || value instanceof Set)
    return Array.from(value, (item) => flattened(item, depth + 1));
  const name = className.toLowerCase();
  if (name.includes('agent')) return { type: 'agent_reference', class_name: className };
  const attributes = attributesOf(value, depth);
  if (!patterns.some((pattern) => name.includes(pattern))) return attributes;
  return { type: 'object_reference', class_name: className, attributes };
}

function attributesOf(value: object, depth: number): object {
  const entries =
    value instanceof Map ? [...value].map(([key, item]) => [String(key), item]) : entriesOf(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, flattened(item, depth + 1)]));
}

function entriesOf(value: object): [string, unknown][] {
  return Object.keys(value).map((key) => {
    try {
      return [key, (value as Record<string, unknown>)[key]];
    } catch {
      return [key, `<${key}>`];
    }
  });
}
