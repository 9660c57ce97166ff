import { z } from 'zod';
import type { ModelAnswer, ModelToolCall } from '../agents/agent.ts';
import { PipelineError } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** One chunk of a streamed chat completion, as far as it is read; servers add fields of their own. */
const chunk = z.compile(
  z.object({
    choices: z
      .array(
        z.object({
          delta: z
            .object({
              content: z.string().nullish(),
              tool_calls: z
                .array(
                  z.object({
                    index: z.number().int().min(0).max(99).nullish(),
                    id: z.string().nullish(),
                    function: z
                      .object({ name: z.string().nullish(), arguments: z.string().nullish() })
                      .nullish(),
                  }),
                )
                .nullish(),
            })
            .nullish(),
          finish_reason: z.string().nullish(),
        }),
      )
      .optional(),
    error: z.unknown().optional(),
  }),
);

interface CallParts {
  id: string;
  name: string;
  arguments: string;
}

/**
 * Puts a streamed answer together. It is whole only when the model said that it was finished: a stream that
 * just ends is never taken for a short answer.
 */
export class AnswerAssembly {
  #text = '';
  readonly #calls: CallParts[] = [];
  #finish: string | null = null;

  /** The data of one event, `[DONE]` excepted. */
  add(data: string): void {
    const parsed = chunk.safeParse(jsonOf(data));
    if (!parsed.success) throw malformed('a chunk is not of the expected shape');
    if (parsed.data.error !== undefined) throw malformed('the stream carries an error');
    const choice = parsed.data.choices?.[0];
    if (choice === undefined) return;
    if (typeof choice.delta?.content === 'string') this.#text += choice.delta.content;
    for (const part of choice.delta?.tool_calls ?? []) {
      const call = this.#call(part.index ?? this.#calls.length);
      call.id = part.id ?? call.id;
      call.name += part.function?.name ?? '';
      call.arguments += part.function?.arguments ?? '';
    }
    this.#finish = choice.finish_reason ?? this.#finish;
  }

  /** The whole answer; throws MODEL_ANSWER_MALFORMED where it is not whole. */
  finish(): ModelAnswer {
    if (this.#finish === null) throw malformed('the stream ended before the answer did');
    if (this.#finish !== 'stop' && this.#finish !== 'tool_calls') {
      throw malformed(`finish_reason ${this.#finish.slice(0, 40)}`);
    }
    return { text: this.#text, toolCalls: this.#calls.filter(Boolean).map(toolCallOf) };
  }

  #call(index: number): CallParts {
    const known = this.#calls[index];
    if (known !== undefined) return known;
    const call = { id: '', name: '', arguments: '' };
    this.#calls[index] = call;
    return call;
  }
}

export function malformed(detail: string, cause?: unknown): PipelineError {
  return new PipelineError('MODEL_ANSWER_MALFORMED', { detail, cause });
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    throw malformed('a chunk is not JSON', thrown);
  }
}

function toolCallOf(parts: CallParts): ModelToolCall {
  if (parts.id === '' || parts.name === '') throw malformed('a tool call has no id or no name');
  // Models leave the arguments of a call without any empty.
  const args: Json = parts.arguments.trim() === '' ? {} : jsonOf(parts.arguments);
  if (!isJsonObject(args)) throw malformed('the arguments of a tool call are not an object');
  const object: JsonObject = args;
  return { id: parts.id, name: parts.name, arguments: object };
}
