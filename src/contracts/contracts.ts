import { z } from 'zod';
import type { AgentName } from '../agents/agent.ts';
import type { Alteration, Path } from '../codec/codec.ts';
import type { Json } from '../json.ts';
import { actionsResult } from './actions.ts';
import { dataResult } from './data.ts';
import { dataHelperResult } from './data-helper.ts';
import { optimizationResult } from './optimization.ts';
import { reportingResult } from './reporting.ts';
import { triageResult } from './triage.ts';

/**
 * The shape of each agent's result, strict: no key more, none less. Compiled, for every result of every run is held
 * against one, and nearly all are on it.
 */
export const contracts: Readonly<Record<AgentName, z.ZodType>> = {
  triage: z.compile(triageResult),
  data: z.compile(dataResult),
  data_helper: z.compile(dataHelperResult),
  optimization: z.compile(optimizationResult),
  actions: z.compile(actionsResult),
  reporting: z.compile(reportingResult),
};

/**
 * The places at which data breaks its agent's contract, none for data on contract. Where encoding altered
 * something, it is known and named already that the value there is not what it should be, so nothing at or
 * below it (nor its absence) breaks the contract: what is foreign in a result is no reason to refuse it.
 */
export function judgeContract(agent: AgentName, data: Json, account: readonly Alteration[]): Path[] {
  const contract = contracts[agent];
  if (contract.validate(data)) return [];
  const judged = contract.safeParse(data);
  if (judged.success) return [];
  const excused = account.map(({ path }) => knownPart(contract, path));
  return judged.error.issues
    .flatMap(placesOf)
    .filter((place) => !excused.some((path) => isAtOrUnder(place, path)));
}

/** A path as text, e.g. `metrics.percentiles.p95`; the root is `(root)`. */
export function pathText(path: Path): string {
  return path.length === 0 ? '(root)' : path.join('.');
}

function placesOf(issue: z.core.$ZodIssue): Path[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function isAtOrUnder(place: Path, path: Path): boolean {
  return path.length <= place.length && path.every((step, index) => step === place[index]);
}

/**
 * As much of a path as the contract speaks of. An alteration at a place that the contract does not know
 * (`metrics.session`) shows that the whole there (`metrics`) is something foreign.
 */
function knownPart(contract: z.ZodType, path: Path): Path {
  let schema: unknown = contract;
  for (const [depth, step] of path.entries()) {
    while (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) schema = schema.unwrap();
    if (schema instanceof z.ZodArray && typeof step === 'number') schema = schema.element;
    else if (schema instanceof z.ZodObject && Object.hasOwn(schema.shape, step)) schema = schema.shape[step];
    else return path.slice(0, depth);
  }
  return path;
}
