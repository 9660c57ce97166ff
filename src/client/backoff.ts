import type { Dice } from '../ports.ts';

/**
 * Milliseconds before the next attempt after so many failures: doubled each time up to `mostMs`, and anything
 * between half of that and the whole, so that clients that lost one server do not all come back at once.
 */
export function pauseMs(
  failures: number,
  { firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number },
  dice: Dice,
): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(whole * (0.5 + dice.next() / 2));
}
