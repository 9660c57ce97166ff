import { simulatedVersion } from '../../redis/version.ts';
import type { RedisInUse } from '../../world.ts';

/** What the simulated Redis says that it is, and is held against. */
export const redisInSimulation: RedisInUse = { kind: 'simulated', version: simulatedVersion };
