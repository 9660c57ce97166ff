import { z } from 'zod';
import { metadata } from './shared.ts';

export const dataCategory = z.strictObject({
  name: z.string(),
  items: z.array(z.strictObject({ item: z.string(), justification: z.string() })),
});

/** What the user is asked to supply, and why. */
export const dataHelperResult = z.strictObject({
  success: z.literal(true),
  data_request: z.strictObject({
    raw_response: z.string(),
    data_categories: z.array(dataCategory),
    user_instructions: z.string(),
    structured_items: z.array(
      z.strictObject({
        category: z.string(),
        data_point: z.string(),
        justification: z.string(),
        required: z.literal(true),
      }),
    ),
  }),
  user_request: z.string(),
  /** Null where triage is missing or did not say. */
  triage_context: z.strictObject({
    category: z.string().nullable(),
    data_sufficiency: z.string().nullable(),
    primary_intent: z.string().nullable(),
  }),
  metadata,
});
