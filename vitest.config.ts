import { defineConfig } from 'vitest/config';

const notOurs = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    retry: 0,
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
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
