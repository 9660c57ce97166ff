import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { AgentOutcome } from './agent.ts';

/*
 * Readers for what others found. Encoding may have left anything out of a result, so that nothing is sure to
 * be there: what is missing or of another type reads as null or as empty.
 */

/** What an agent found; empty where it failed, was not asked, or holds no object. */
export function found(outcome: AgentOutcome | undefined): JsonObject {
  return outcome?.ok === true && isJsonObject(outcome.data) ? outcome.data : {};
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = valueAt(object, key);
  return isJsonObject(value) ? value : {};
}

export function listAt(object: JsonObject, key: string): readonly Json[] {
  const value = valueAt(object, key);
  return Array.isArray(value) ? value : [];
}

export function textsAt(object: JsonObject, key: string): string[] {
  return listAt(object, key).filter((item) => typeof item === 'string');
}

export function textAt(object: JsonObject, key: string): string | null {
  const value = valueAt(object, key);
  return typeof value === 'string' ? value : null;
}

export function numberAt(object: JsonObject, key: string): number | null {
  const value = valueAt(object, key);
  return typeof value === 'number' ? value : null;
}

function valueAt(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
