import type { z } from 'zod';
import type { AgentName } from '../agents/agent.ts';
import type { Alteration, Path } from '../codec/codec.ts';
import type { Json } from '../json.ts';
import { actionsResult } from './actions.ts';
import { dataResult } from './data.ts';
import { dataHelperResult } from './data-helper.ts';
import { optimizationResult } from './optimization.ts';
import { reportingResult } from './reporting.ts';
import { triageResult } from './triage.ts';

/** The shape of each agent's result, strict: no key more, none less. */
export const contracts: Readonly<Record<AgentName, z.ZodType>> = {
  triage: triageResult,
  data: dataResult,
  data_helper: dataHelperResult,
  optimization: optimizationResult,
  actions: actionsResult,
  reporting: reportingResult,
};

/**
 * The places at which data breaks its agent's contract, none for data on contract. A place that encoding
 * altered is known and named already, so what is off there (or missing, or below) breaks nothing.
 */
export function judgeContract(agent: AgentName, data: Json, account: readonly Alteration[]): Path[] {
  const judged = contracts[agent].safeParse(data);
  if (judged.success) return [];
  const altered = account.map(({ path }) => path);
  return judged.error.issues
    .flatMap(placesOf)
    .filter((place) => !altered.some((path) => isAtOrUnder(place, path)));
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
