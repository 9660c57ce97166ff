import { expect, it } from 'vitest';
import { deliveryFigures } from './delivery-figures.ts';
import type { EventDraft, Json } from './history.ts';
import { caseOf, historyOf } from './invariants/hand-history.ts';

const me = { actor: 'user:alice', user: 'alice', connection: 'alice-1' } as const;
const whole = caseOf({ user: 'alice', run: 'run-1', agents: ['triage', 'reporting'] });
const sequenceOf = (draft: EventDraft): number => {
  const frame = draft.type === 'seen' ? draft.frame : draft.type === 'stored' ? draft.json : undefined;
  return Number((frame as { readonly sequence?: number } | undefined)?.sequence ?? 0);
};

function figures(drafts: readonly EventDraft[]): { readonly [name: string]: string } {
  const history = historyOf(drafts);
  return Object.fromEntries(
    deliveryFigures.map(({ name, measure }) => {
      const { hits, of } = measure(history);
      return [name.replace('events ', ''), `${hits} of ${of}`];
    }),
  );
}

function told(frame: { readonly [key: string]: Json }): EventDraft {
  return { type: 'seen', ...me, frame: { ...frame, run_id: 'run-1' } };
}

it('counts what was accepted, and what became of it', () => {
  const confirmed: EventDraft = {
    type: 'confirmed',
    actor: me.actor,
    user: 'alice',
    run: 'run-1',
    sequence: 4,
  };
  expect(figures([...whole, confirmed])).toEqual({
    delivered: '7 of 7',
    confirmed: '4 of 7',
    'surfaced as lost or unconfirmed': '0 of 7',
    'silently lost': '0 of 7',
  });
  const missed = whole.filter((draft) => draft.type !== 'seen' || sequenceOf(draft) < 6);
  expect(figures(missed)).toMatchObject({ delivered: '5 of 7', 'silently lost': '2 of 7' });
  const owned = told({ type: 'events_unconfirmed', confirmed: 0, sent: 7 });
  expect(figures([...missed, owned])).toMatchObject({
    delivered: '5 of 7',
    'surfaced as lost or unconfirmed': '2 of 7',
    'silently lost': '0 of 7',
  });
});

it('counts also what the store has lost', () => {
  const gone = whole.filter((draft) => sequenceOf(draft) === 0 || sequenceOf(draft) > 5);
  expect(figures(gone)).toMatchObject({ delivered: '2 of 7', 'silently lost': '5 of 7' });
  const owned = told({ type: 'events_lost', after: 0, available_from: 6 });
  expect(figures([owned, ...gone])).toMatchObject({
    delivered: '2 of 7',
    'surfaced as lost or unconfirmed': '5 of 7',
    'silently lost': '0 of 7',
  });
});
