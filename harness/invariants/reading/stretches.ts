import type { History } from '../../history.ts';
import { framesOf, type RunFrame } from './frames.ts';
import { fieldOf, objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/**
 * The events of one run that one connection brought in one go. A `resume` asks for events again: what comes
 * back after it begins a new stretch, what was on its way meanwhile still belongs to the old.
 */
export interface Stretch {
  readonly user: string;
  readonly run: string;
  readonly frames: readonly RunFrame[];
}

/** Stretches in the order in which each began. */
export const stretchesOf = once((history: History): Stretch[] => {
  const stretches: Open[] = [];
  const current = new Map<string, Open>();
  const { seen } = framesOf(history);
  let next = 0;
  for (const event of history.events) {
    if (event.type === 'sent') {
      const frame = objectOf(event.frame);
      const run = textOf(frame, 'run_id');
      if (run === undefined || fieldOf(frame, 'type') !== 'resume') continue;
      const stretch = current.get(`${event.user} ${run} ${event.connection}`);
      if (stretch !== undefined) stretch.asksAgain = true;
    } else if (event.type === 'seen') {
      const frame = seen[next];
      if (frame?.seq !== event.seq) continue;
      next++;
      const key = `${frame.user} ${frame.run} ${event.connection}`;
      const before = current.get(key);
      const replayed = before?.asksAgain === true && frame.sequence <= (before.frames.at(-1)?.sequence ?? 0);
      if (before !== undefined && !replayed) {
        before.frames.push(frame);
        continue;
      }
      const stretch = { user: frame.user, run: frame.run, frames: [frame], asksAgain: false };
      current.set(key, stretch);
      stretches.push(stretch);
    }
  }
  return stretches;
});

interface Open extends Stretch {
  readonly frames: RunFrame[];
  /** The user sent a `resume` since the stretch began. */
  asksAgain: boolean;
}
