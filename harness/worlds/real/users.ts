import { WebSocket } from 'ws';
import type { Case } from '../../case.ts';
import type { WorldClock } from '../../clock.ts';
import type { Recorder } from '../../history.ts';
import { patienceMs, tokenFor } from '../../reference/config.ts';
import { SimulatedUser } from '../../users/user.ts';

/** A case's users, over real WebSockets. */
export function usersOf(
  playing: Case,
  options: {
    readonly url: string;
    readonly recorder: Recorder;
    readonly clock: WorldClock;
    deploy(version: string | undefined): Promise<void>;
  },
): SimulatedUser[] {
  const { url, recorder, clock, deploy } = options;
  return playing.users.map(
    (user) =>
      new SimulatedUser({
        user,
        clock,
        recorder,
        patienceMs,
        deploy,
        dial: (id) =>
          new WebSocket(url, ['agent.v1', `jwt.${tokenFor(id, Date.now())}`], { perMessageDeflate: false }),
      }),
  );
}
