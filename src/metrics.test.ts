import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('has every metric that an alert rule asks for', async () => {
  const rules = await readFile(new URL('./alerts.rules.yml', import.meta.url), 'utf8');
  const asked = [...new Set(rules.match(/\bfaultline_\w+/g) ?? [])];
  const shown = (await createMetrics(() => 0).registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !shown.includes(name))).toEqual([]);
});

it('keeps two pipelines in one process apart', async () => {
  const [one, other] = [createMetrics(() => 0), createMetrics(() => 0)];
  one.runEnded('complete', 5);
  expect(await one.registry.metrics()).toContain('faultline_runs_total{outcome="complete"} 1');
  expect(await other.registry.metrics()).not.toContain('outcome="complete"');
});
