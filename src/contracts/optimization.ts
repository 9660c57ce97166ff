import { z } from 'zod';
import { metadata, share, texts } from './shared.ts';

/** What could be done better, and what that would bring. */
export const optimizationResult = z.strictObject({
  optimization_type: z.string(),
  recommendations: texts,
  confidence_score: share,
  /** US dollars a month; absent where it cannot be told. */
  cost_savings: z.number().exactOptional(),
  /** In words; absent where it cannot be told. */
  performance_improvement: z.string().exactOptional(),
  metadata,
});
