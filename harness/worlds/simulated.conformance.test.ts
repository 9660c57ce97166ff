import { describeWorld } from './conformance.ts';
import { createSimulatedWorld } from './simulated/pool.ts';

describeWorld('the simulated world', async () => ({ world: createSimulatedWorld() }));
