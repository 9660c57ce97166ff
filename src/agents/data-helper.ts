import { z } from 'zod';
import { dataCategory } from '../contracts/data-helper.ts';
import type { Agent, AgentInput, AgentMeans } from './agent.ts';
import { askModel } from './ask-model.ts';
import { found, objectAt, textAt } from './handed-in.ts';

/** Says which data the user would have to supply, and why. */
export class DataHelperAgent implements Agent {
  static readonly agentName = 'data_helper';

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    await means.emit.thinking('Working out which data is missing.');
    const { words, proof } = await askModel({
      agent: 'data_helper',
      input,
      means,
      instruction,
      words: dataHelperWords,
    });
    const triage = found(input.results.triage);
    return {
      success: true,
      data_request: {
        raw_response: words.raw_response,
        data_categories: words.data_categories,
        user_instructions: words.user_instructions,
        structured_items: words.data_categories.flatMap(({ name, items }) =>
          items.map(({ item, justification }) => ({
            category: name,
            data_point: item,
            justification,
            required: true,
          })),
        ),
      },
      user_request: input.request,
      triage_context: {
        category: textAt(triage, 'category'),
        data_sufficiency: textAt(triage, 'data_sufficiency'),
        primary_intent: textAt(objectAt(triage, 'intent'), 'primary_intent'),
      },
      metadata: { ...proof, tool_calls: [] },
    };
  }
}

const dataHelperWords = z.object({
  raw_response: z.string().default(''),
  data_categories: z.array(
    z.object({
      name: dataCategory.shape.name,
      items: z.array(z.object(dataCategory.shape.items.element.shape)),
    }),
  ),
  user_instructions: z.string().default(''),
});

const instruction = `You tell users of an AI cost and performance service which data they would have to supply so that their request can be answered. The user message is JSON: "request" is what the user asks, "results" what others found.
Answer with one JSON object and nothing else:
{"raw_response": text, "data_categories": [{"name": text, "items": [{"item": text, "justification": text}]}], "user_instructions": text}`;
