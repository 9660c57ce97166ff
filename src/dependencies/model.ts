import type { PipelineConfig } from '../config.ts';
import { PipelineError } from '../errors.ts';
import type { Fetch, FetchReply } from '../ports.ts';
import type { Dependency } from './dependency.ts';

/**
 * The model's API answers, and takes the key: the list of models is asked for, which costs nothing. An API that
 * has no such list answers too. Whether it knows the model is seen by the first run.
 */
export function modelDependency(config: PipelineConfig['model'], fetch: Fetch): Dependency {
  return {
    name: 'model',
    setting: 'MODEL_URL, LLM_API_KEY',
    purpose: 'answers what agents ask',
    given: config.url === '' ? undefined : fetch,
    code: 'MODEL_UNREACHABLE',
    async check(signal) {
      const { status, body } = await reached(
        fetch(`${config.url}/models`, {
          method: 'GET',
          headers: { accept: 'application/json', authorization: `Bearer ${config.apiKey ?? ''}` },
          signal,
        }),
      );
      // Nobody reads the list; left open, it would hold its connection.
      if (body !== null) letGo(body[Symbol.asyncIterator]());
      if (status === 401 || status === 403)
        throw new PipelineError('MODEL_REFUSED', { detail: `it refuses the key with HTTP status ${status}` });
      if (status >= 500)
        throw new PipelineError('MODEL_UNREACHABLE', { detail: `it answers with HTTP status ${status}` });
    },
  };
}

async function reached(reply: Promise<FetchReply>): Promise<FetchReply> {
  try {
    return await reply;
  } catch (cause) {
    throw new PipelineError('MODEL_UNREACHABLE', { detail: 'no connection', cause });
  }
}

function letGo(pieces: AsyncIterator<Uint8Array>): void {
  pieces.return?.()?.then(undefined, () => {});
}
