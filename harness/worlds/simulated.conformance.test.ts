import { cleanCases } from './conformance/clean-case.ts';
import { describeWorld } from './conformance/describe-world.ts';
import { everyFate } from './conformance/every-fate.ts';
import { lives } from './conformance/lives.ts';
import { processFaults } from './conformance/process-faults.ts';
import { starts } from './conformance/starts.ts';
import { whatACaseAsksFor } from './conformance/what-a-case-asks-for.ts';
import { createSimulatedWorld } from './simulated/pool.ts';

describeWorld('the simulated world', {
  open: async () => ({ world: createSimulatedWorld() }),
  against: [cleanCases, everyFate, whatACaseAsksFor, processFaults, starts, lives],
});
