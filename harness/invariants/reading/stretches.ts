import type { History } from '../../history.ts';
import { framesOf, type RunFrame } from './frames.ts';
import { fieldOf, objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/**
 * The events of one run that one connection brought in one go. A `resume` asks for events again and so
 * begins a new stretch.
 */
export interface Stretch {
  readonly user: string;
  readonly run: string;
  readonly connection: string;
  readonly frames: readonly RunFrame[];
}

/** Stretches in the order in which each began. */
export const stretchesOf = once((history: History): Stretch[] => {
  const stretches: (Stretch & { readonly frames: RunFrame[] })[] = [];
  const current = new Map<string, (typeof stretches)[number]>();
  const { seen } = framesOf(history);
  let next = 0;
  for (const event of history.events) {
    if (event.type === 'sent') {
      const frame = objectOf(event.frame);
      const run = textOf(frame, 'run_id');
      if (run !== undefined && fieldOf(frame, 'type') === 'resume')
        current.delete(`${event.user} ${run} ${event.connection}`);
    } else if (event.type === 'seen') {
      const frame = seen[next];
      if (frame === undefined || frame.seq !== event.seq) continue;
      next++;
      const key = `${frame.user} ${frame.run} ${event.connection}`;
      let stretch = current.get(key);
      if (stretch === undefined) {
        stretch = { user: frame.user, run: frame.run, connection: event.connection, frames: [] };
        current.set(key, stretch);
        stretches.push(stretch);
      }
      stretch.frames.push(frame);
    }
  }
  return stretches;
});
