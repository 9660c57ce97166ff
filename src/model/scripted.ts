import { agentNames } from '../agents/agent.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Fetch, FetchInit, FetchReply } from '../ports.ts';
import { scriptedAnswers } from './scripted-answers.ts';

/** The name under which the scripted model answers, so that no answer passes for a language model's. */
export const scriptedModelName = 'scripted';

/**
 * Stands in for a model where there is none, when it is asked for by name: speaks the chat-completions API,
 * streamed, and answers each agent from the data in its prompt.
 */
export function createScriptedFetch(): Fetch {
  return async (url, init) => {
    if (url.endsWith('/models')) return reply(200, ['{"object":"list","data":[]}']);
    const agent = agentNames.find((name) => name === init.headers['x-client-request-id']?.split('/')[2]);
    const prompt = promptIn(init);
    if (agent === undefined || prompt === null) return reply(400, []);
    return reply(200, streamOf(JSON.stringify(scriptedAnswers[agent](prompt))));
  };
}

const pieceLength = 400;

/** What the agent sent: the last user message. */
function promptIn(init: FetchInit): JsonObject | null {
  const body = objectIn(init.body ?? '');
  const messages = Array.isArray(body?.messages) ? body.messages : [];
  const content = messages.filter(isJsonObject).findLast(({ role }) => role === 'user')?.content;
  return typeof content === 'string' ? objectIn(content) : null;
}

function objectIn(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function streamOf(text: string): string[] {
  const events: string[] = [];
  for (let from = 0; from < text.length; from += pieceLength) {
    events.push(event({ content: text.slice(from, from + pieceLength) }, null));
  }
  return [...events, event({}, 'stop'), 'data: [DONE]\n\n'];
}

function event(delta: JsonObject, finish_reason: string | null): string {
  const chunk = {
    object: 'chat.completion.chunk',
    model: scriptedModelName,
    choices: [{ index: 0, delta, finish_reason }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function reply(status: number, events: readonly string[]): FetchReply {
  return {
    status,
    headers: { get: (name) => (name.toLowerCase() === 'content-type' ? 'text/event-stream' : null) },
    body: bytesOf(events),
    text: async () => events.join(''),
  };
}

async function* bytesOf(events: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of events) yield Buffer.from(text);
}
