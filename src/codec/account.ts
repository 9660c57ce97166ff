import { z } from 'zod';
import type { Alteration } from './codec.ts';

const account = z.array(
  z.strictObject({
    path: z.array(z.union([z.string(), z.number()])),
    kind: z.enum(['lost', 'changed', 'refused', 'cut']),
    reason: z.string(),
  }),
);

/** True for an account as `encode` gives it, read back from a store. */
export function isAccount(value: unknown): value is readonly Alteration[] {
  return account.validate(value);
}
