import type { EngineMeans } from '../execution/engine-means.ts';

/** Earlier outcomes for the same input of the same user. Never rejects: a cache that fails is a miss. */
export type OutcomeCache = EngineMeans['cache'];
