import type { Redis } from 'ioredis';
import { PipelineError } from '../errors.ts';
import type { StoreSession } from './context.ts';

/** Opens a run's own handle on the stores; after `close` it reads nothing any more. */
export function openStoreSession(
  redis: Redis,
  options: { readonly id: string; readonly opened: number; readonly stateKey: string },
): StoreSession {
  let open = true;
  return {
    id: options.id,
    opened: options.opened,
    readState: async () => {
      if (!open) throw new PipelineError('STORE_UNAVAILABLE', { detail: 'the session is closed' });
      try {
        return await redis.get(options.stateKey);
      } catch (cause) {
        throw new PipelineError('STORE_UNAVAILABLE', { cause });
      }
    },
    close: () => {
      open = false;
    },
  };
}
