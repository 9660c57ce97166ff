import { afterEach } from 'vitest';
import type { RedisForTests } from '../delivery/redis-for-tests.fixture.ts';
import { startTestPipeline, type TestPipeline } from './test-pipeline.fixture.ts';

type Options = Omit<Parameters<typeof startTestPipeline>[0], 'redisPort'>;

/** Starts pipelines on that Redis, each of which is closed after its test. */
export function testPipelinesOn(store: RedisForTests): (options?: Options) => Promise<TestPipeline> {
  const open: TestPipeline[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((pipeline) => pipeline.close()));
  });
  return async (options = {}) => {
    const pipeline = await startTestPipeline({ redisPort: store.server.port, ...options });
    open.push(pipeline);
    return pipeline;
  };
}
