import { HarnessError } from '../../errors.ts';
import { createRealWorld } from '../real/world.ts';
import type { Candidate } from './describe-world.ts';

/** Where there is no redis-server the embedded one stands in: what is held is the world, not its Redis. */
export async function onRedisProcess(): Promise<Candidate> {
  const world = await createRealWorld({ redis: 'process' }).catch((thrown: unknown) => {
    if (isOfEnvironment(thrown)) return createRealWorld({ redis: 'embedded' });
    throw thrown;
  });
  return { world };
}

/** Or why there can be no container. */
export async function onRedisContainer(): Promise<Candidate> {
  try {
    return { world: await createRealWorld({ redis: 'container' }) };
  } catch (thrown) {
    if (isOfEnvironment(thrown)) return { unavailable: thrown.message };
    throw thrown;
  }
}

function isOfEnvironment(thrown: unknown): thrown is HarnessError {
  return thrown instanceof HarnessError && thrown.kind === 'environment';
}
