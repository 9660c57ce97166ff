import { randomUUID } from 'node:crypto';
import type { Dice, Ids } from '../ports.ts';

/** Ids from the machine's cryptographic randomness. */
export const randomIds: Ids = {
  next: (kind) => `${kind}_${randomUUID().replaceAll('-', '')}`,
};

export const randomDice: Dice = {
  next: () => Math.random(),
};
