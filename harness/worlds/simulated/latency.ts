import { rollFor } from '../../dice.ts';
import type { Message } from '../../message.ts';

/** How long each message takes on its way: 0.1 to 2 ms, by the play's seed and the message's name. */
export function latencyOf(seed: number): (message: Message) => number {
  return ({ name }) => milliseconds(rollFor(seed, name));
}

/** A roll in [0, 1) as the time that something takes in memory. */
export function milliseconds(roll: number): number {
  return 0.1 + 1.9 * roll;
}
