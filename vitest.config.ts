import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * In this order, so that no worker is left alone with the longest in the end. Vitest by itself knows how long each
 * took only where it ran before.
 */
const first = [
  'scenarios/defects.test.ts',
  'scenarios/scenarios.test.ts',
  'harness/worlds/real-container.conformance.test.ts',
  'harness/worlds/real-processes.conformance.test.ts',
  'harness/worlds/simulated/two-processes.test.ts',
  'harness/worlds/real-messages.conformance.test.ts',
  'bin/readme.test.ts',
  'harness/worlds/places.conformance.test.ts',
];

/** Nothing of the process itself is changed in them, and what they import keeps no state. */
const light = [
  'src/{agents,codec,contracts,context,delivery,gateway,model,supervisor,tools,workflow}/**/*.test.ts',
  'harness/{explore,generators,handshake,instrument,invariants,model,reference,users,wires}/**/*.test.ts',
  'reports/**/*.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = first.findIndex((path) => moduleId.endsWith(path));
      return index < 0 ? first.length : index;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

const notOurs = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    retry: 0,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
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
          exclude: [...notOurs, 'harness/house.test.ts', ...light],
        },
      },
      {
        extends: true,
        // One process after the other would load the same modules for each file anew.
        test: { name: 'light', include: light, exclude: notOurs, isolate: false },
      },
      {
        extends: true,
        test: { name: 'house', include: ['harness/house.test.ts'], exclude: notOurs },
      },
    ],
  },
});
