import { expect, it } from 'vitest';
import { createRunLedger } from './run-ledger.ts';

it('adds up what a run holds at the same time, and forgets what it let go of, once', () => {
  const ledger = createRunLedger({ mostBytes: 10, exceeded: () => expect.unreachable() });
  for (let i = 0; i < 100; i++) ledger.hold(10)();
  const letGo = ledger.hold(6);
  ledger.hold(4);
  letGo();
  letGo();
  ledger.hold(6);
});

it('ends the run that holds more than it may, for good', () => {
  const told: string[] = [];
  const ledger = createRunLedger({ mostBytes: 10, exceeded: ({ code }) => told.push(code) });
  ledger.hold(10);
  expect(() => ledger.hold(1)).toThrow('RUN_MEMORY_LIMIT');
  expect(() => ledger.hold(0)).toThrow('RUN_MEMORY_LIMIT');
  expect(told).toEqual(['RUN_MEMORY_LIMIT']);
});
