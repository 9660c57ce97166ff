/** Does for each user one thing after the other; what is done for one user never waits for another's. */
export interface UserTurns {
  /** Resolves or rejects as `work` does, which begins when all that came before for this user is over. */
  take<T>(user: string, work: () => Promise<T>): Promise<T>;
  /** How much is waiting or under way for this user. */
  lengthOf(user: string): number;
}

export function createUserTurns(): UserTurns {
  const lines = new Map<string, Line>();
  return {
    async take(user, work) {
      const line = lines.get(user) ?? { last: Promise.resolve(), length: 0 };
      lines.set(user, line);
      line.length += 1;
      const turn = line.last.then(work);
      line.last = turn.catch(() => {});
      try {
        return await turn;
      } finally {
        line.length -= 1;
        // Nobody waits any more: a user who is gone leaves nothing.
        if (line.length === 0) lines.delete(user);
      }
    },
    lengthOf: (user) => lines.get(user)?.length ?? 0,
  };
}

interface Line {
  last: Promise<unknown>;
  length: number;
}
