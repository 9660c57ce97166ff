import type { Case } from '../../case.ts';
import { type History, Recorder } from '../../history.ts';
import { caseStarted } from './case-started.ts';

/** What is known of a case that never let go of its thread: that it began, and that it spun. */
export function historyOfSpinning(playing: Case): History {
  const recorder = new Recorder(() => 0);
  recorder.record(caseStarted(playing));
  recorder.record({ type: 'process-started', actor: 'world', process: 'pipeline', instance: 1 });
  recorder.record({
    type: 'process-exited',
    actor: 'world',
    process: 'pipeline',
    instance: 1,
    cause: 'crashed',
    code: 'SPINNING',
  });
  recorder.record({ type: 'case-ended', actor: 'world', reason: 'out-of-time' });
  return recorder.history();
}
