import { expect, it } from 'vitest';
import type { EventDraft } from '../history.ts';
import { caseOf, historyOf } from './hand-history.ts';
import { noQueueGrowsForWhoDoesNotRead } from './no-queue-grows-for-who-does-not-read.ts';

const about = { actor: 'user:alice', user: 'alice', connection: 'alice-1' };
const opened: EventDraft = { ...about, type: 'connection-opened' };
const stops: EventDraft = { ...about, type: 'stopped-reading' };
const reads: EventDraft = { ...about, type: 'reads-again' };

function taken(bytes: number, user = 'alice', kind = 'xrange.events'): EventDraft {
  return { type: 'passed', actor: 'redis', message: `redis<${user}/run-1/${kind}#1`, bytes };
}

function found(drafts: readonly EventDraft[], bounds: object = { runMs: 1, unreadBytes: 100 }): string[] {
  const [start, ...rest] = caseOf();
  if (start?.type !== 'case-started') throw new Error('no start');
  const history = historyOf([{ ...start, bounds: bounds as typeof start.bounds }, ...drafts, ...rest]);
  const { verdict } = noQueueGrowsForWhoDoesNotRead.check(history);
  if (verdict.is === 'unsure') return [`unsure: ${verdict.why}`];
  return verdict.is === 'broken' ? verdict.violations.map(({ place }) => place) : [];
}

it('breaks where more is taken out of the log than may be on its way, in all', () => {
  expect(found([opened, stops, taken(60), taken(41)])).toEqual(['connection/(unread)']);
  expect(found([opened, stops, taken(60), taken(40)])).toEqual([]);
});

it('counts what is taken for that user, out of the log, and while nothing is read', () => {
  expect(found([opened, stops, taken(60), taken(60, 'bob'), taken(60, 'alice', 'get.state')])).toEqual([]);
  expect(found([opened, taken(99), stops, taken(60), reads, taken(99)])).toEqual([]);
  const closed: EventDraft = { ...about, type: 'connection-closed', code: 1006, reason: '', by: 'user' };
  expect(found([opened, stops, taken(60), closed, taken(60)])).toEqual([]);
});

it('counts each standstill by itself, and what a user was given before for nothing', () => {
  const all = [opened, taken(99), stops, taken(60), reads, taken(99), stops, taken(60), taken(40)];
  expect(found(all)).toEqual([]);
  expect(found([...all, taken(1)])).toEqual(['connection/(unread)']);
  const bob = { ...about, actor: 'user:bob', user: 'bob', connection: 'bob-1' };
  const both = [opened, { ...opened, ...bob }, stops, taken(60), { ...stops, ...bob }, taken(60, 'bob')];
  expect(found([...both, taken(40), taken(40, 'bob')])).toEqual([]);
  expect(found([...both, taken(40), taken(41, 'bob')])).toEqual(['connection/(unread)']);
});

it('is unsure where nothing was taken, nothing promised, or another connection was read', () => {
  expect(found([opened, stops, reads])).toEqual(['unsure: nothing to judge']);
  expect(found([opened, stops, taken(999)], { runMs: 1 })).toEqual(['unsure: nobody promised a bound']);
  const second: EventDraft = { ...opened, connection: 'alice-2' };
  expect(found([opened, second, stops, taken(999)])).toEqual(['unsure: nothing to judge']);
  expect(found([opened, stops, second, taken(999)])).toEqual(['unsure: nothing to judge']);
});
