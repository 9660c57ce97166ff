import type { Knock } from './knock.ts';
import { type KnockOptions, playKnock } from './play-knock.ts';
import { referenceFront } from './reference-front.ts';

/** Longer than the pipeline may take to let somebody in, and then to answer. */
const knockPatienceMs = 8_000;

/** Plays the tries of one user, one after the other, at the front of the reference pipeline. */
export function knockerOf(
  user: string,
  means: Pick<KnockOptions, 'clock' | 'dial' | 'nowMs' | 'recorder'>,
): (knock: Knock) => Promise<void> {
  let connections = 0;
  return (knock) => {
    const before = connections;
    connections += knock.atOnce;
    return playKnock({
      ...means,
      knock,
      user,
      nameOf: (number) => `${user}-knock-${before + number}`,
      front: referenceFront,
      patienceMs: knockPatienceMs,
    });
  };
}
