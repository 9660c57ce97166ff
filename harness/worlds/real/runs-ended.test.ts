import { expect, it } from 'vitest';
import { historySchemaId } from '../../history.ts';
import { cleanCase } from '../conformance-cases.ts';
import { everyRunEnded } from './runs-ended.ts';

const [alice] = cleanCase().users;
const playing = {
  ...cleanCase(),
  users: [{ ...alice, actions: [{ do: 'ask', run: 'run-1', thread: 't', request: 'Why?' }] }],
} as ReturnType<typeof cleanCase>;

function seen(...frames: readonly [type: string, run: string][]): boolean {
  const events = frames.map(([type, run_id], index) => ({
    seq: index + 1,
    at: index,
    type: 'seen' as const,
    actor: 'user:alice',
    user: 'alice',
    connection: 'alice-1',
    frame: { type, run_id },
  }));
  return everyRunEnded(playing, { schema: historySchemaId, events });
}

it('waits for what was asked, and for what began beneath the client', () => {
  expect(seen()).toBe(false);
  expect(seen(['run_completed', 'run-1'])).toBe(true);
  expect(seen(['error', 'run-1'])).toBe(true);
  expect(seen(['run_accepted', 'run-9'], ['run_completed', 'run-1'])).toBe(false);
  expect(seen(['run_accepted', 'run-9'], ['run_completed', 'run-1'], ['run_failed', 'run-9'])).toBe(true);
});
