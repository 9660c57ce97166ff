import { cleanCases } from './conformance/clean-case.ts';
import { describeWorld } from './conformance/describe-world.ts';
import { everyFate } from './conformance/every-fate.ts';
import { lives } from './conformance/lives.ts';
import { processFaults } from './conformance/process-faults.ts';
import { onRedisContainer } from './conformance/real-candidates.ts';
import { starts } from './conformance/starts.ts';

// What passes on wires that know no Redis is the same as on a Redis process, which is held against it.
describeWorld('the real world with Redis in a container', {
  open: onRedisContainer,
  worlds: 3,
  against: [cleanCases, (worldFor) => everyFate(worldFor, ['redis']), processFaults, starts, lives],
});
