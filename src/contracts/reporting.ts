import { z } from 'zod';
import { share, texts } from './shared.ts';

export const reportTypes = ['full_analysis', 'partial_analysis', 'guidance', 'fallback'] as const;
export const reportStatuses = ['success', 'partial_complete', 'awaiting_data', 'ready_to_help'] as const;

/** The answer to the user: what is known, and what is missing from it. */
export const reportingResult = z.strictObject({
  report_type: z.enum(reportTypes),
  status: z.enum(reportStatuses),
  report: z.string(),
  sections: z.array(
    z.strictObject({
      section_id: z.string(),
      title: z.string(),
      content: z.string(),
      section_type: z.string(),
    }),
  ),
  /** The share of triage, data, optimization and actions that is there. */
  data_completeness: share,
  /** The parts that a report of this kind could hold and that are not there, with the reason. */
  missing: z.array(z.strictObject({ agent: z.string(), code: z.string() })),
  next_steps: texts,
  metadata: z.strictObject({
    model_proof: z.string().exactOptional(),
    /** The proofs in the results that the report rests on, by agent. */
    proofs: z.record(z.string(), z.string()),
    /** Ids of all tool calls that those results rest on. */
    tool_calls: texts,
  }),
});
