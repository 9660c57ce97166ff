import { describeWorld } from './conformance/describe-world.ts';
import { lives } from './conformance/lives.ts';
import { processFaults } from './conformance/process-faults.ts';
import { onRedisProcess } from './conformance/real-candidates.ts';
import { starts } from './conformance/starts.ts';

describeWorld('the real world with Redis as a process', {
  open: onRedisProcess,
  worlds: 3,
  against: [processFaults, starts, lives],
});
