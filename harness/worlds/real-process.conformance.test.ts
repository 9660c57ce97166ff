import { HarnessError } from '../errors.ts';
import { describeWorld } from './conformance.ts';
import { createRealWorld } from './real/world.ts';

// Where there is no redis-server the embedded one stands in: the suite is about the world, not about its Redis.
describeWorld('the real world with Redis as a process', async () => ({
  world: await createRealWorld({ redis: 'process' }).catch((thrown: unknown) => {
    if (thrown instanceof HarnessError && thrown.kind === 'environment') {
      return createRealWorld({ redis: 'embedded' });
    }
    throw thrown;
  }),
}));
