import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import { type ErrorCode, PipelineError } from '../errors.ts';
import type { Clock } from '../ports.ts';

/** Whom a failure is laid to. `nobody`: it says nothing about the next call, such as a request that is wrong. */
export type Blame = 'everybody' | 'user' | 'nobody';

export interface CircuitsOptions {
  /** The dependency, on `/metrics`. */
  readonly name: string;
  readonly clock: Clock;
  /** What a caller is told who is not let through. */
  readonly code: ErrorCode;
  /** A failure that a user's own request can bring about is laid to that user, or one user would cut off all others. */
  readonly blame: (thrown: unknown) => Blame;
  /** So many failures in a row open the circuit; for how long. */
  readonly failures: number;
  readonly halfOpenAfterMs: number;
}

/** The circuit breakers of one dependency: one for all of it, and one for each user who had failures there. */
export interface Circuits {
  readonly name: string;
  /** Rejects as `work` does; or with the code, and `work` was not begun. */
  execute<T>(user: string, work: () => Promise<T>): Promise<T>;
  /** Whether nobody is let through now. */
  readonly isOpen: boolean;
  isOpenFor(user: string): boolean;
  /** How many users are not let through now. */
  readonly usersOpen: number;
}

/** Users with failures whom it is worth to remember at the same time. */
const usersMax = 10_000;

export function createCircuits(options: CircuitsOptions): Circuits {
  const { name, blame, clock, code, failures, halfOpenAfterMs } = options;
  const whole = breaker();
  /** Those alone whose last call failed by their own doing. */
  const users = new Map<string, Breaker>();

  function breaker(): Breaker {
    const policy = circuitBreaker(handleAll, {
      halfOpenAfter: halfOpenAfterMs,
      breaker: new ConsecutiveBreaker(failures),
    });
    let openedAt = 0;
    policy.onBreak(() => {
      openedAt = clock.now();
    });
    const isOpen = (): boolean => {
      // The library's own word is `open` until somebody tries again: whoever asks first would never try.
      const age = clock.now() - openedAt;
      return policy.state === CircuitState.Open && age >= 0 && age < halfOpenAfterMs;
    };
    return { policy, isOpen };
  }

  /** What is not laid to this breaker passes through it as a result. */
  async function behind<T>(guard: Breaker, whose: Blame, work: () => Promise<T>): Promise<T> {
    let isBegun = false;
    const outcome = await guard.policy
      .execute(() => {
        isBegun = true;
        return work().then(
          (value) => ({ value }),
          (thrown: unknown) => {
            if (blame(thrown) === whose) throw thrown;
            return { thrown };
          },
        );
      })
      // Not asked what it is: anything can be thrown.
      .catch((thrown: unknown) => {
        throw isBegun ? thrown : new PipelineError(code, { cause: thrown });
      });
    if ('thrown' in outcome) throw outcome.thrown;
    return outcome.value;
  }

  function remember(user: string): Breaker {
    const [oldest] = users.keys();
    if (users.size >= usersMax && oldest !== undefined) users.delete(oldest);
    const own = breaker();
    users.set(user, own);
    return own;
  }

  async function forUser<T>(user: string, work: () => Promise<T>): Promise<T> {
    const own = users.get(user);
    if (own !== undefined) {
      const value = await behind(own, 'user', work);
      users.delete(user);
      return value;
    }
    try {
      return await work();
    } catch (thrown) {
      if (blame(thrown) !== 'user') throw thrown;
      // The first of its kind is counted by the breaker that it makes.
      return behind(remember(user), 'user', () => Promise.reject(thrown));
    }
  }

  return {
    name,
    execute: (user, work) => behind(whole, 'everybody', () => forUser(user, work)),
    get isOpen() {
      return whole.isOpen();
    },
    isOpenFor: (user) => users.get(user)?.isOpen() ?? false,
    get usersOpen() {
      let count = 0;
      for (const own of users.values()) if (own.isOpen()) count += 1;
      return count;
    },
  };
}

interface Breaker {
  readonly policy: ReturnType<typeof circuitBreaker>;
  isOpen(): boolean;
}
