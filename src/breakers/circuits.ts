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
  isOpen(): boolean;
  isOpenFor(user: string): boolean;
  /** How many users are not let through now. */
  usersOpen(): number;
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
      // The library reads the machine's clock, and would let others wait for a probe: who may try is decided here.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
      breaker: new ConsecutiveBreaker(failures),
    });
    /** When it opened, or let its last probe through: one that hangs keeps the next back no longer than an outage does. */
    let shutAt = 0;
    /** Whether the library counts failures: after good ends alone another one tells it nothing. */
    let hasFailures = false;
    policy.onBreak(() => {
      shutAt = clock.now();
    });
    const isOpen = (): boolean => {
      // The library's own word is `open` until somebody tries again: whoever asks first would never try.
      const age = clock.now() - shutAt;
      return policy.state !== CircuitState.Closed && age >= 0 && age < halfOpenAfterMs;
    };
    return {
      isOpen,
      enter() {
        if (isOpen()) throw new PipelineError(code);
        const isProbe = policy.state !== CircuitState.Closed;
        if (isProbe) shutAt = clock.now();
        return isProbe;
      },
      leave(isProbe, outcome) {
        // What began before the outage was known says nothing about its end.
        if (!isProbe && policy.state !== CircuitState.Closed) return null;
        if (outcome === 'silent') {
          if (isProbe) shutAt = Number.NEGATIVE_INFINITY;
          return null;
        }
        if (outcome === 'well' && !isProbe && !hasFailures) return null;
        hasFailures = outcome === 'failed';
        return policy
          .execute(() => {
            if (outcome === 'failed') throw new PipelineError(code);
          })
          .catch(() => {});
      },
    };
  }

  /** Each breaker is told of what speaks of it alone: neither of what is laid to others, nor of what is to nobody. */
  async function execute<T>(user: string, work: () => Promise<T>): Promise<T> {
    const isProbe = whole.enter();
    const own = users.get(user);
    let value: T;
    try {
      value = await (own === undefined ? work() : behind(own, user, work));
    } catch (thrown) {
      const whose = blame(thrown);
      // The first of its kind makes the breaker that counts it; of several at once, one does.
      if (own === undefined && whose === 'user')
        await (users.get(user) ?? remember(user)).leave(false, 'failed');
      await whole.leave(isProbe, whose === 'everybody' ? 'failed' : 'silent');
      throw thrown;
    }
    const told = whole.leave(isProbe, 'well');
    if (told !== null) await told;
    return value;
  }

  /** The user's own breaker is needed until a call goes well. */
  async function behind<T>(own: Breaker, user: string, work: () => Promise<T>): Promise<T> {
    const isProbe = own.enter();
    let value: T;
    try {
      value = await work();
    } catch (thrown) {
      await own.leave(isProbe, blame(thrown) === 'user' ? 'failed' : 'silent');
      throw thrown;
    }
    await own.leave(isProbe, 'well');
    users.delete(user);
    return value;
  }

  function remember(user: string): Breaker {
    const [oldest] = users.keys();
    if (users.size >= usersMax && oldest !== undefined) users.delete(oldest);
    const own = breaker();
    users.set(user, own);
    return own;
  }

  return {
    name,
    execute,
    isOpen: whole.isOpen,
    isOpenFor: (user) => users.get(user)?.isOpen() ?? false,
    usersOpen() {
      let count = 0;
      for (const own of users.values()) if (own.isOpen()) count += 1;
      return count;
    },
  };
}

interface Breaker {
  isOpen(): boolean;
  /** Throws the code where nobody is let through; else whether this call is the probe that decides. */
  enter(): boolean;
  /** How a call ended that was let through; `silent`: it says nothing about the next. Null: there is nothing to wait for. */
  leave(isProbe: boolean, outcome: 'well' | 'failed' | 'silent'): Promise<void> | null;
}
