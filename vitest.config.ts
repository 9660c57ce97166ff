import { defineConfig } from 'vitest/config';

const notOurs = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    retry: 0,
    pool: 'forks',
    // Much of it waits for sockets and containers: as many at once as the smallest machine has cores.
    maxWorkers: 2,
    // No test is about time: a busy machine must not fail one.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'faultline',
          include: ['{src,harness,scenarios,reports,bin,bench}/**/*.test.ts'],
          exclude: [...notOurs, 'harness/house.test.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'house', include: ['harness/house.test.ts'], exclude: notOurs },
      },
    ],
  },
});
