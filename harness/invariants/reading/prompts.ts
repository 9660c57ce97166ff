import type { EventOf, History, Json } from '../../history.ts';
import { fieldOf, type JsonObject, objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** What a model was sent for one agent: the last user message, read as JSON where it is JSON. */
export interface Prompt {
  readonly event: EventOf<'prompted'>;
  readonly text: string | undefined;
  readonly input: JsonObject | undefined;
}

/** Every prompt that the model saw, in order. */
export const promptsOf = once((history: History): Prompt[] => {
  const prompts: Prompt[] = [];
  for (const event of history.events) {
    if (event.type !== 'prompted') continue;
    const text = lastUserMessage(event.messages);
    prompts.push({ event, text, input: text === undefined ? undefined : parsed(text) });
  }
  return prompts;
});

function lastUserMessage(messages: Json): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = objectOf(messages[index]);
    if (fieldOf(message, 'role') === 'user') return textOf(message, 'content');
  }
  return undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
