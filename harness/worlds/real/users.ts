import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Case } from '../../case.ts';
import type { WorldClock } from '../../clock.ts';
import { knockerOf } from '../../handshake/knocker.ts';
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
    /** The pipeline itself, with no gate before it: that would put together what comes in pieces. */
    dialRaw(): Socket;
  },
): SimulatedUser[] {
  const { url, recorder, clock, deploy, dialRaw } = options;
  return playing.users.map(
    (user) =>
      new SimulatedUser({
        user,
        clock,
        recorder,
        patienceMs,
        deploy,
        knock: knockerOf(user.id, {
          clock,
          recorder,
          nowMs: () => Date.now(),
          dial: () => {
            const stream = dialRaw();
            return { stream, reset: () => stream.resetAndDestroy() };
          },
        }),
        dial: (id) =>
          new WebSocket(url, ['agent.v1', `jwt.${tokenFor(id, Date.now())}`], { perMessageDeflate: false }),
      }),
  );
}
