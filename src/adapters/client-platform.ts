import type { Dice, Ids } from '../ports.ts';
import { systemClock } from './system-clock.ts';

const dice: Dice = { next: () => Math.random() };

/** `crypto.randomUUID` is missing on pages that did not come over HTTPS. */
const ids: Ids = {
  next: (kind) => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `${kind}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  },
};

/** What a client needs of the machine; in a browser too, so nothing here is Node's alone. */
export const clientPlatform = { clock: systemClock, dice, ids } as const;
