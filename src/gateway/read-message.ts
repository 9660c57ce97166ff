import type { z } from 'zod';
import { PipelineError } from '../errors.ts';
import { type ClientMessage, clientId, clientMessage } from '../messages.ts';

/** A client's frame as a message. Throws MESSAGE_MALFORMED, naming the fields and never their values. */
export function readMessage(text: string, depthMax: number): ClientMessage {
  return readAs(clientMessage, text, depthMax);
}

/** Untrusted JSON text by a schema; deep nesting and names that reach a prototype are refused. */
export function readAs<T>(schema: z.ZodType<T>, text: string, depthMax: number): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PipelineError('MESSAGE_MALFORMED', { detail: 'not JSON', cause });
  }
  const trouble = troubleIn(value, depthMax);
  if (trouble !== null) throw new PipelineError('MESSAGE_MALFORMED', { detail: trouble });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PipelineError('MESSAGE_MALFORMED', { detail: fieldsOf(parsed.error) });
}

/** The run that a refused message is about, where it names one at all. */
export function runIdIn(text: string): string | undefined {
  try {
    const parsed = clientId.safeParse((JSON.parse(text) as { run_id?: unknown } | null)?.run_id);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Level by level, so that nesting costs no stack. */
function troubleIn(value: unknown, depthMax: number): string | null {
  let level: object[] = isObject(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) return `nested deeper than ${depthMax}`;
    const next: object[] = [];
    for (const item of level) {
      if (Object.hasOwn(item, '__proto__')) return 'a field named __proto__';
      for (const inner of Object.values(item)) if (isObject(inner)) next.push(inner);
    }
    level = next;
  }
  return null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Names out of the schema only: an unknown field's name was chosen by the sender. */
function fieldsOf(error: z.ZodError): string {
  const fields = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys' ? 'unknown field' : issue.path.join('.') || 'message',
  );
  return [...new Set(fields)].slice(0, 10).join(', ');
}
