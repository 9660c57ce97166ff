import { expect, it } from 'vitest';
import { metricEvents } from './metrics-text.ts';

it('reads samples with and without labels, and leaves out comments and buckets', () => {
  const page = `# HELP runs_total Runs.
# TYPE runs_total counter
runs_total{outcome="completed",odd="a \\"quoted\\" word, and a comma"} 3
up 1
wait_seconds_bucket{le="+Inf"} 9
wait_seconds_sum 0.25
broken line here
unknown NaN
`;
  expect(metricEvents(page).map(({ name, labels, value }) => [name, labels, value])).toEqual([
    ['runs_total', { outcome: 'completed', odd: 'a "quoted" word, and a comma' }, 3],
    ['up', {}, 1],
    ['wait_seconds_sum', {}, 0.25],
  ]);
});
