import type { z } from 'zod';
import { PipelineError } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { AgentInput, AgentMeans, AgentName, ModelAnswer, ModelMessage, ToolOutcome } from './agent.ts';

export interface Question<Words extends z.ZodType> {
  readonly agent: AgentName;
  readonly input: AgentInput;
  readonly means: AgentMeans;
  /** What the model is, what it is to do, and the JSON object that it must answer with. */
  readonly instruction: string;
  /** What is taken from the answer; the model may say more. */
  readonly words: Words;
  /** What the agent found out by tools before it asks. */
  readonly toolResults?: Readonly<Record<string, ToolOutcome>>;
  /** Tools that the model may ask for. */
  readonly tools?: readonly string[];
}

export interface Reply<Words> {
  readonly words: Words;
  /** For the result's `metadata`. */
  readonly proof: { readonly model_proof?: string };
  /** Ids of the tool calls that the model asked for and that succeeded. */
  readonly toolCalls: readonly string[];
}

/**
 * Asks the model, lets it call tools for a bounded number of rounds, and reads its answer, a JSON object.
 * The last user message is JSON text with the request, the assignment and everything that was handed in, so
 * that whoever sees the exchange can read what the model was told. Rejects with a PipelineError.
 */
export async function askModel<Words extends z.ZodType>(
  question: Question<Words>,
): Promise<Reply<z.output<Words>>> {
  const { input, means } = question;
  const messages: ModelMessage[] = [
    { role: 'system', content: question.instruction },
    { role: 'user', content: promptOf(question) },
  ];
  const toolCalls: string[] = [];
  let asked = 0;
  for (let round = 1; round <= roundsMax; round++) {
    // In the last round no tool is offered: the model must answer.
    const tools = round < roundsMax ? question.tools : undefined;
    const answer = await means.model.complete(tools === undefined ? { messages } : { messages, tools });
    if (answer.toolCalls.length === 0) return { ...read(answer, question.words), toolCalls };
    if (answer.toolCalls.length > callsMax) throw malformed('it asks for too many tools at once');
    messages.push({ role: 'assistant', content: answer.text, toolCalls: answer.toolCalls });
    for (const call of answer.toolCalls) {
      asked += 1;
      const id = callId(input, question.agent, `asked-${asked}`);
      const outcome = await means.tools.call(call.name, call.arguments, id);
      if (outcome.ok) toolCalls.push(id);
      messages.push({ role: 'tool', toolCallId: call.id, content: told(outcome) });
    }
  }
  throw malformed('it asks for tools without end');
}

/** The id of a tool call: unique in its run, and says who called. */
export function callId(input: AgentInput, agent: AgentName, what: string): string {
  return `${input.run_id}.${agent}.${what}`;
}

const roundsMax = 4;
const callsMax = 8;

function promptOf({ input, toolResults }: Question<z.ZodType>): string {
  return JSON.stringify({
    request: input.request,
    assignment: input.assignment,
    results: input.results,
    ...(toolResults === undefined ? {} : { tool_results: toolResults }),
  });
}

/** A failure is told by its code alone: an error's text may hold anything. */
function told(outcome: ToolOutcome): string {
  return JSON.stringify(
    outcome.ok ? { data: outcome.data, account: outcome.account } : { error: outcome.code },
  );
}

function read<Words extends z.ZodType>(
  answer: ModelAnswer,
  words: Words,
): Omit<Reply<z.output<Words>>, 'toolCalls'> {
  const object = objectIn(answer.text);
  const read = words.safeParse(object);
  if (!read.success) {
    const places = read.error.issues.map(({ path }) => path.join('.') || '(root)');
    throw malformed(`off at ${places.slice(0, 10).join(', ')}`);
  }
  const { proof } = object;
  return { words: read.data, proof: typeof proof === 'string' ? { model_proof: proof } : {} };
}

/** The JSON object that the text is; models like to put a Markdown fence around it. */
function objectIn(text: string): JsonObject {
  const bare = text.trim().replace(/^```(?:json)?\s*|\s*```$/g, '');
  let value: Json;
  try {
    value = JSON.parse(bare) as Json;
  } catch (thrown) {
    throw malformed('it is not JSON', thrown);
  }
  if (!isJsonObject(value)) throw malformed('it is not a JSON object');
  return value;
}

function malformed(detail: string, cause?: unknown): PipelineError {
  return new PipelineError('MODEL_ANSWER_MALFORMED', { detail, cause });
}
