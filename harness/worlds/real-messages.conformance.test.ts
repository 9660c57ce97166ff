import { cleanCases } from './conformance/clean-case.ts';
import { describeWorld } from './conformance/describe-world.ts';
import { everyFate } from './conformance/every-fate.ts';
import { onRedisProcess } from './conformance/real-candidates.ts';
import { whatACaseAsksFor } from './conformance/what-a-case-asks-for.ts';

describeWorld('the real world with Redis as a process', {
  open: onRedisProcess,
  worlds: 3,
  against: [cleanCases, everyFate, whatACaseAsksFor],
});
