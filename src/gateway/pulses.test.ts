import { expect, it } from 'vitest';
import type { AgentName } from '../agents/agent.ts';
import { ManualClock } from '../supervisor/manual-clock.fixture.ts';
import { createPulses } from './pulses.ts';

it('tells of an agent that shows nothing, with its age, and of none that shows something itself', async () => {
  const { clock, pulses, told } = watching();
  pulses.began('data');
  await clock.pass(999);
  expect(told).toEqual([]);
  await clock.pass(1);
  expect(told).toEqual([['data', 1_000, 1_000]]);
  await clock.pass(500);
  pulses.showed('data');
  await clock.pass(999);
  expect(told).toHaveLength(1);
  await clock.pass(1_001);
  expect(told.slice(1)).toEqual([
    ['data', 2_500, 1_000],
    ['data', 3_500, 2_000],
  ]);
});

it('tells of each agent that works, and of none that has ended', async () => {
  const { clock, pulses, told } = watching();
  pulses.began('data');
  await clock.pass(500);
  pulses.began('optimization');
  pulses.ended('data');
  await clock.pass(5_000);
  expect(new Set(told.map(([agent]) => agent))).toEqual(new Set(['optimization']));
  pulses.ended('optimization');
  expect(clock.pending).toBe(0);
});

it('ends with its run, whatever still comes', async () => {
  const { clock, pulses, told } = watching();
  pulses.began('data');
  pulses.stop();
  pulses.showed('data');
  pulses.began('reporting');
  await clock.pass(5_000);
  expect([told, clock.pending]).toEqual([[], 0]);
});

function watching() {
  const clock = new ManualClock();
  const told: [AgentName, number, number][] = [];
  const tell = (agent: AgentName, ageMs: number, silentMs: number): void => {
    told.push([agent, ageMs, silentMs]);
  };
  return { clock, told, pulses: createPulses({ clock, everyMs: 1_000, tell }) };
}
