import { codeOf } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Authenticator, Identity } from './authenticate.ts';

/** The answers over HTTP that go on: each is a connection of its user, and lasts no longer than its token. */
export interface Streams {
  countOf(userId: string): number;
  /** `end` is told, once, why the token is not good any more. What is returned is called when the stream is over. */
  add(identity: Identity, end: (thrown: unknown) => void): () => void;
}

export function createStreams(options: {
  readonly clock: Clock;
  readonly recheck: Authenticator['recheck'];
  /** Between two looks at a token, ms; its end is seen when it comes. */
  readonly everyMs: number;
}): Streams {
  const { clock, everyMs, recheck } = options;
  const counts = new Map<string, number>();
  const countOf = (userId: string): number => counts.get(userId) ?? 0;

  return {
    countOf,
    add(identity, end) {
      const { userId, expiresAt } = identity;
      let isOver = false;
      let cancel = (): void => {};
      const lookLater = (): void => {
        const leftMs = Math.max(0, expiresAt - clock.now());
        cancel = clock.after(Math.min(everyMs, leftMs), () => void look());
      };
      const look = async (): Promise<void> => {
        try {
          await recheck(identity);
        } catch (thrown) {
          const code = codeOf(thrown);
          // Where nobody can say whether it was revoked it is good until its end.
          if (!isOver && (code === 'AUTH_TOKEN_EXPIRED' || code === 'AUTH_TOKEN_REVOKED')) {
            end(thrown);
            return;
          }
        }
        if (!isOver) lookLater();
      };
      counts.set(userId, countOf(userId) + 1);
      lookLater();
      return () => {
        if (isOver) return;
        isOver = true;
        cancel();
        if (countOf(userId) > 1) counts.set(userId, countOf(userId) - 1);
        else counts.delete(userId);
      };
    },
  };
}
