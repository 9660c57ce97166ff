import { type EventOf, eventsOf, type History } from '../../history.ts';
import { objectOf, textOf } from './json-shapes.ts';
import { once } from './once.ts';

/** Where Redis lost all that it held: what lay there before, no store at rest shows any more. */
export const dataLossesOf: (history: History) => EventOf<'fault-fired'>[] = once((history) =>
  eventsOf(history, 'fault-fired').filter(({ fate }) => {
    const does = objectOf(fate);
    return textOf(does, 'do') === 'kill-redis' && textOf(does, 'data') === 'lost';
  }),
);
