import { PipelineError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { AgentInput, AgentMeans, AgentName, ToolOutcome } from './agent.ts';
import { callId } from './ask-model.ts';

/** A tool call that its agent cannot do without. Rejects with the code of a call that failed. */
export async function callTool(
  means: AgentMeans,
  input: AgentInput,
  agent: AgentName,
  name: string,
  args: JsonObject,
): Promise<{ readonly id: string; readonly outcome: ToolOutcome & { ok: true } }> {
  const id = callId(input, agent, name);
  const outcome = await means.tools.call(name, args, id);
  if (!outcome.ok) throw new PipelineError(outcome.code, { detail: name });
  return { id, outcome };
}
