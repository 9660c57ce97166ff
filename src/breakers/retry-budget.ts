/** How often work may be tried again, so that retries cannot multiply a storm. */
export interface RetryBudget {
  /** A first try was made for this user. */
  called(user: string): void;
  /** Takes one retry of this user's; false: there is none left. */
  spend(user: string): boolean;
}

/** Retries that each user has to begin with, and at most; and what each first try adds. */
const reserve = 3;
const most = 10;
const perCall = 0.2;
/** Users whose budget is remembered at the same time; one that is forgotten begins again with the reserve. */
const usersMax = 10_000;

/**
 * A budget for each user: in the long run one retry for five calls, and nobody's failures take from another's.
 */
export function createRetryBudget(): RetryBudget {
  const left = new Map<string, number>();

  function keep(user: string, tokens: number): void {
    const [oldest] = left.keys();
    if (!left.has(user) && left.size >= usersMax && oldest !== undefined) left.delete(oldest);
    left.set(user, tokens);
  }

  return {
    called(user) {
      const before = left.get(user) ?? reserve;
      keep(user, Math.min(before + perCall, most));
    },
    spend(user) {
      const tokens = left.get(user) ?? reserve;
      if (tokens < 1) return false;
      keep(user, tokens - 1);
      return true;
    },
  };
}
