import { ConsecutiveBreaker, circuitBreaker, handleAll, type IPolicy } from 'cockatiel';
import type { Agent } from '../../src/agents/agent.ts';

/** Opens after so many failures in a row, and lets one try through after so long. */
export interface BreakerBounds {
  readonly failures: number;
  readonly openMs: number;
}

export function breakerWith({ failures, openMs }: BreakerBounds): IPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) });
}

/** The same agent, which is refused while the breaker is open. */
export function behind(breaker: IPolicy, agent: Agent): Agent {
  return {
    run: (input, means, signal) => breaker.execute(() => agent.run(input, means, signal)),
    dispose: () => agent.dispose?.(),
  };
}
