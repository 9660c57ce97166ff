import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ServerNotice } from '../messages.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { createDelivery } from './delivery.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import type { Outlet } from './outlet.ts';

const run = { user: 'alice', run: 'run-1', threadId: 'thread-1', correlationId: 'corr_1' };
const largeEvent = 100_000;

describe('catching up with large events', () => {
  it('sends no more at once than a living connection can have read', async () => {
    const { delivery } = endedRun(40);
    const outlet = new TestOutlet();
    const resumed = delivery.resume(outlet, run.run, 0);
    await settled();
    expect(outlet.unread).toBeGreaterThan(0);
    expect(outlet.unread).toBeLessThan(4 * largeEvent);
    while (outlet.sent.length < 40) {
      const before = outlet.sent.length;
      outlet.read();
      await settled();
      expect(outlet.sent.length).toBeGreaterThan(before);
      expect(outlet.unread).toBeLessThan(4 * largeEvent);
    }
    outlet.read();
    await resumed;
    expect(outlet.sequences).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('takes nothing for lost that a connection which left did not get', async () => {
    const { delivery, lost } = endedRun(40);
    const outlet = new TestOutlet();
    outlet.closesAfter = 2;
    await delivery.resume(outlet, run.run, 0);
    expect([outlet.sequences, lost()]).toEqual([[1, 2], 0]);
  });
});

it('keeps nothing of a client that left while its run was accepted', async () => {
  const { delivery } = endedRun(0);
  const outlet = accepted(delivery);
  await settled();
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  expect(outlet.deref()).toBeUndefined();
});

/** In a frame of its own, so that nothing here holds the outlet. */
function accepted(delivery: ReturnType<typeof createDelivery>): WeakRef<TestOutlet> {
  const outlet = new TestOutlet();
  outlet.isOpen = false;
  delivery.detach(outlet);
  delivery.open(run, outlet);
  return new WeakRef(outlet);
}

class TestOutlet implements Outlet {
  readonly userId = run.user;
  isOpen = true;
  closesAfter = Number.POSITIVE_INFINITY;
  readonly sent: string[] = [];
  unread = 0;
  #whenRead: (() => void)[] = [];

  get sequences(): number[] {
    return this.sent.map((text) => (JSON.parse(text) as { sequence: number }).sequence);
  }

  send(text: string): void {
    this.sent.push(text);
    this.unread += text.length;
    if (this.sent.length >= this.closesAfter) this.isOpen = false;
  }

  notify(notice: ServerNotice): void {
    this.send(JSON.stringify(notice));
  }

  flushed(): Promise<void> {
    return this.unread === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenRead.push(resolve));
  }

  read(): void {
    this.unread = 0;
    for (const resolve of this.#whenRead.splice(0)) resolve();
  }
}

/** A run that ended in another process, with so many large events. */
function endedRun(events: number) {
  const logged: LoggedEvent[] = Array.from({ length: events }, (_, index) => ({
    sequence: index + 1,
    text: JSON.stringify({ type: 'agent_thinking', sequence: index + 1, filler: 'x'.repeat(largeEvent) }),
  }));
  const log: EventLog = {
    accept: async () => true,
    look: async () => ({ ...run, ended: true, confirmed: 0 }),
    append: async () => {},
    read: async (_run, after, atMost) => logged.slice(after, after + atMost),
    last: async () => logged.at(-1) ?? null,
    markEnded: async () => {},
    confirm: async () => {},
  };
  let lost = 0;
  const witness = {
    appended() {},
    sent() {},
    confirmed() {},
    lost(count: number) {
      lost += count;
    },
    storeFailed() {},
  };
  return { delivery: createDelivery({ log, clock: new ManualClock(), witness }), lost: () => lost };
}
