import type { History } from '../../history.ts';
import { framesOf } from './frames.ts';
import { textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** Something of the pipeline that failed. */
export interface Failure {
  readonly seq: number;
  readonly at: number;
  /** Whose run it was; undefined where it was everybody's. */
  readonly user: string | undefined;
  readonly run: string | undefined;
  /** `alice's run-1 failed in data (AgentCrashed)`. */
  readonly what: string;
}

/** What failed, in order: as the wrappers around agents and tools saw it, and as users were told. */
export const failuresOf = once((history: History): Failure[] => {
  const failures: Failure[] = [];
  const add = (of: { seq: number; at: number; user: string; run: string }, how: string): void => {
    const { seq, at, user, run } = of;
    failures.push({ seq, at, user, run, what: `${user}'s ${run} ${how}` });
  };
  for (const event of history.events) {
    if (event.type === 'agent-failed') add(event, `failed in ${event.agent} (${event.code})`);
    else if (event.type === 'tool-failed') add(event, `failed in ${event.tool} (${event.code})`);
    else if (event.type === 'process-exited' && event.cause !== 'asked' && event.process !== 'redis') {
      const { seq, at, process } = event;
      failures.push({ seq, at, user: undefined, run: undefined, what: `${process} died` });
    }
  }
  for (const frame of framesOf(history).seen) {
    const code = textOf(frame.payload, 'code') ?? 'no code';
    if (frame.type === 'run_failed') add(frame, `failed (${code})`);
    else if (frame.type === 'agent_completed' && textOf(frame.payload, 'status') === 'failed')
      add(frame, `failed in ${frame.agent} (${code})`);
  }
  return failures.sort((left, right) => left.seq - right.seq);
});
