import { WebSocket } from 'ws';
import type { Case } from '../../case.ts';
import type { WorldClock } from '../../clock.ts';
import type { Recorder } from '../../history.ts';
import { patienceMs, tokenFor } from '../../reference/config.ts';
import { SimulatedUser } from '../../users/user.ts';

/** A case's users, over real WebSockets. */
export function usersOf(
  playing: Case,
  options: { readonly url: string; readonly recorder: Recorder; readonly clock: WorldClock },
): SimulatedUser[] {
  const { url, recorder, clock } = options;
  return playing.users.map(
    (user) =>
      new SimulatedUser({
        user,
        clock,
        recorder,
        patienceMs,
        dial: (id) =>
          new WebSocket(url, ['agent.v1', `jwt.${tokenFor(id, Date.now())}`], { perMessageDeflate: false }),
      }),
  );
}
