import { HarnessError } from '../errors.ts';
import { describeWorld } from './conformance.ts';
import { createRealWorld } from './real/world.ts';

describeWorld('the real world with Redis in a container', async () => {
  try {
    return { world: await createRealWorld({ redis: 'container' }) };
  } catch (thrown) {
    if (thrown instanceof HarnessError && thrown.kind === 'environment') {
      return { unavailable: thrown.message };
    }
    throw thrown;
  }
});
