import type { Redis } from 'ioredis';
import { PipelineError } from '../errors.ts';
import type { Keys } from '../keys.ts';

/** Tokens that are not good any more although they have not expired. */
export interface Revocations {
  /** Rejects with STORE_UNAVAILABLE where nobody can say. */
  isRevoked(userId: string, tokenId: string): Promise<boolean>;
}

/**
 * Whoever revokes a token sets its key in Redis (`keys.ts`), to expire with the token. A token is known by its
 * `jti` (RFC 7519 §4.1.7): one without cannot be revoked, only expire.
 */
export function createRevocations(redis: Redis, keys: Keys): Revocations {
  return {
    async isRevoked(userId, tokenId) {
      try {
        return (await redis.exists(keys.revoked(userId, tokenId))) === 1;
      } catch (cause) {
        throw new PipelineError('STORE_UNAVAILABLE', { detail: 'revoked tokens', cause });
      }
    },
  };
}
