import { expect, it } from 'vitest';
import { pipelineConfig } from '../config.ts';
import { workerHeapsOutgrow } from './worker-heaps.ts';

const needed = {
  jwt: { secret: 's'.repeat(32), audience: 'tests' },
  model: { url: 'http://model', name: 'scripted' },
};

it.each([
  ['threads by default', { place: 'worker' }, true],
  ['threads that fit', { place: 'worker', memoryBytes: 64 * 1024 * 1024, roomsMost: 16 }, false],
  ['processes, whose memory is their own', { place: 'child' }, false],
  ['no place apart', {}, false],
] as const)('heaps may outgrow the process: %s', (_what, agents, outgrow) => {
  expect(workerHeapsOutgrow(pipelineConfig.parse({ ...needed, agents }))).toBe(outgrow);
});
