import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ServerNotice } from '../messages.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { createDelivery } from './delivery.ts';
import type { EventLog, LoggedEvent, Unconfirmed } from './event-log.ts';
import type { Lease } from './lease.ts';
import type { Outlet } from './outlet.ts';

const run = { user: 'alice', run: 'run-1', threadId: 'thread-1', correlationId: 'corr_1' };
const largeEvent = 100_000;

describe('catching up with large events', () => {
  it('sends no more at once than a living connection can have read', async () => {
    const { delivery } = endedRun(40, largeEvent);
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
    const { delivery, lost } = endedRun(40, largeEvent);
    const outlet = new TestOutlet();
    outlet.closesAfter = 2;
    await delivery.resume(outlet, run.run, 0);
    expect([outlet.sequences, lost()]).toEqual([[1, 2], 0]);
  });
});

it('lets go of a reader that takes nothing', async () => {
  const { delivery, clock } = endedRun(40, largeEvent);
  const outlet = new TestOutlet();
  const resumed = delivery.resume(outlet, run.run, 0);
  await settled();
  await clock.pass(1_999);
  expect(outlet.isOpen).toBe(true);
  await clock.pass(1);
  await resumed;
  expect(outlet.isOpen).toBe(false);
});

describe('confirmations that do not come', () => {
  it('brings the oldest unconfirmed event again and the last, and what follows where the client is there', async () => {
    const { delivery, clock } = endedRun(3);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    await delivery.confirm(outlet, run.run, 1);
    await clock.pass(1_000);
    await clock.pass(1_000);
    expect(outlet.sequences).toEqual([1, 2, 3, 2, 3]);
    await delivery.confirm(outlet, run.run, 2);
    await settled();
    expect(outlet.sequences).toEqual([1, 2, 3, 2, 3, 3]);
    await delivery.confirm(outlet, run.run, 3);
    await clock.pass(60_000);
    expect(outlet.sequences).toHaveLength(6);
    expect(clock.pending).toBe(0);
  });

  it('tries three times, each after twice as long, and then owns up to it', async () => {
    const { delivery, clock, unconfirmed } = endedRun(2);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    const tries: number[] = [];
    for (let second = 1; second <= 60; second++) {
      const before = outlet.sent.length;
      await clock.pass(1_000);
      if (outlet.sent.length > before) tries.push(second);
    }
    expect(tries).toEqual([1, 3, 7]);
    // At the first try the second had not been on its way as long as the first.
    expect(outlet.sequences).toEqual([1, 2, 1, 1, 2, 1, 2]);
    expect(unconfirmed()).toEqual([{ run: 'run-1', confirmed: 0, sent: 2 }]);
    const next = new TestOutlet();
    await delivery.greet(next);
    expect(next.sent.map((text) => JSON.parse(text))).toEqual([
      { type: 'events_unconfirmed', run_id: 'run-1', confirmed: 0, sent: 2 },
    ]);
    await delivery.confirm(next, run.run, 2);
    expect(unconfirmed()).toEqual([]);
  });

  it('does not bring again what the client said that it has', async () => {
    const { delivery, clock } = endedRun(4);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 2);
    await clock.pass(1_000);
    await clock.pass(2_000);
    expect(outlet.sequences).toEqual([3, 4, 3, 3, 4]);
    await delivery.confirm(outlet, run.run, 1);
    await settled();
    expect(outlet.sequences).toEqual([3, 4, 3, 3, 4, 3, 4]);
  });

  it('takes no younger event for the oldest where the log has lost that', async () => {
    const { delivery, clock, lose } = endedRun(4);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    lose(3);
    await clock.pass(1_000);
    // The last was sent a moment after the first, for which the timer runs.
    expect(outlet.sequences).toEqual([1, 2, 3, 4]);
    await clock.pass(2_000);
    // It is the oldest now, and the last: it comes once.
    expect(outlet.sequences).toEqual([1, 2, 3, 4, 4]);
  });

  it('owns up to it when the client leaves without a word', async () => {
    const { delivery, unconfirmed } = endedRun(4);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    await delivery.confirm(outlet, run.run, 3);
    outlet.isOpen = false;
    delivery.detach(outlet);
    expect(unconfirmed()).toEqual([{ run: 'run-1', confirmed: 3, sent: 4 }]);
  });
});

it('writes an end that a full store refused once there is room again, though no connection ever broke', async () => {
  const { delivery, clock, logged, refuse } = endedRun(0);
  const live = await delivery.accept(run, new TestOutlet());
  refuse(true);
  await live?.fail('STORE_UNAVAILABLE');
  await clock.pass(3_000);
  expect(logged).toEqual([]);
  refuse(false);
  await clock.pass(1_000);
  await settled();
  expect(logged.map(({ text }) => JSON.parse(text))).toMatchObject([{ type: 'run_failed', sequence: 1 }]);
  expect(clock.pending).toBe(0);
});

it('tries no more once it is closed', async () => {
  const { delivery, clock, refuse } = endedRun(0);
  const live = await delivery.accept(run, new TestOutlet());
  refuse(true);
  await live?.fail('STORE_UNAVAILABLE');
  delivery.close();
  expect(clock.pending).toBe(0);
});

it('brings the end of a run of another process also where it learnt of it while it took a confirmation', async () => {
  const { delivery, clock, logged } = endedRun(1, 10, false);
  const outlet = new TestOutlet();
  await delivery.resume(outlet, run.run, 0);
  logged.push({ sequence: 2, text: JSON.stringify({ type: 'run_completed', sequence: 2 }) });
  await delivery.confirm(outlet, run.run, 1);
  await clock.pass(200);
  await settled();
  expect(outlet.sequences).toEqual([1, 2]);
  await delivery.confirm(outlet, run.run, 2);
  await clock.pass(10_000);
  expect(clock.pending).toBe(0);
});

it('follows a run of another process also where the store is so slow that nobody had it at the first look', async () => {
  const { delivery, clock, logged, lasting } = endedRun(1, 10, false);
  lasting(80);
  const outlet = new TestOutlet();
  const resumed = delivery.confirm(outlet, run.run, 1).then(() => delivery.resume(outlet, run.run, 1));
  await clock.pass(1_000);
  expect(await resumed).toBe(false);
  logged.push({ sequence: 2, text: JSON.stringify({ type: 'agent_thinking', sequence: 2 }) });
  await clock.pass(1_000);
  logged.push({ sequence: 3, text: JSON.stringify({ type: 'run_completed', sequence: 3 }) });
  await clock.pass(1_000);
  expect(outlet.sequences.filter((sequence, at, all) => all.indexOf(sequence) === at)).toEqual([2, 3]);
  const confirmed = delivery.confirm(outlet, run.run, 3);
  await clock.pass(10_000);
  await confirmed;
  expect(clock.pending).toBe(0);
});

describe('a slow reader of a live run, for whom the log could not be read once', () => {
  /** Three events: the first is so large that the second waits in the log, which then refuses to be read. */
  async function deaf() {
    const made = endedRun(0);
    const outlet = new TestOutlet();
    const live = await made.delivery.accept(run, outlet);
    await live?.emit('agent_thinking', 'triage', thought('x'.repeat(300_000)));
    await live?.emit('agent_thinking', 'triage', thought('second'));
    made.refuseReads(true);
    outlet.read();
    await settled();
    expect(outlet.sequences).toEqual([1]);
    return { ...made, outlet, live };
  }
  it('gets all with the next event', async () => {
    const { live, outlet, refuseReads } = await deaf();
    refuseReads(false);
    await live?.emit('agent_thinking', 'triage', thought('third'));
    await settled();
    expect(outlet.sequences).toEqual([1, 2, 3]);
  });

  it('is told so where the run ends and it cannot be read still', async () => {
    const { live, outlet } = await deaf();
    await live?.emit('run_completed', 'supervisor', answer);
    await settled();
    expect(JSON.parse(outlet.sent.at(-1) ?? '{}')).toMatchObject({
      type: 'error',
      code: 'STORE_UNAVAILABLE',
      run_id: 'run-1',
    });
  });
});

describe('a log that is lost with the end in it', () => {
  it('is told to who is connected, by the code with which the run failed', async () => {
    const { delivery, clock, lasting, logged, lose } = endedRun(0);
    const outlet = new TestOutlet();
    const live = await delivery.accept(run, outlet);
    lasting(80);
    const failed = live?.fail('RUN_TIMEOUT');
    await clock.pass(100);
    expect(logged).toHaveLength(1);
    lose(1);
    await clock.pass(100);
    await failed;
    expect(outlet.sent.map((text) => JSON.parse(text))).toMatchObject([
      { type: 'events_lost', run_id: 'run-1', after: 0, available_from: 2 },
      { type: 'error', code: 'RUN_TIMEOUT', run_id: 'run-1' },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('is told to a slow reader who had not read it', async () => {
    const { delivery, clock, logged, lose } = endedRun(0);
    const outlet = new TestOutlet();
    const live = await delivery.accept(run, outlet);
    await live?.emit('agent_thinking', 'triage', thought('x'.repeat(300_000)));
    await live?.emit('run_completed', 'supervisor', answer);
    expect(outlet.sequences).toEqual([1]);
    lose(logged.length);
    outlet.read();
    await settled();
    expect(outlet.sent.slice(1).map((text) => JSON.parse(text))).toMatchObject([
      { type: 'events_lost', run_id: 'run-1', after: 1, available_from: 3 },
      { type: 'error', code: 'EVENTS_EXPIRED', run_id: 'run-1' },
    ]);
    outlet.read();
    await clock.pass(60_000);
    expect(outlet.sent).toHaveLength(3);
    await delivery.confirm(outlet, run.run, 2);
    expect(clock.pending).toBe(0);
  });

  it('is told again to who asks again on the same connection', async () => {
    const { delivery, lose } = endedRun(2);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    lose(2);
    for (const times of [1, 2]) {
      await delivery.resume(outlet, run.run, 0);
      await settled();
      const codes = outlet.sent.map((text) => (JSON.parse(text) as { code?: string }).code);
      expect(codes.filter((code) => code === 'EVENTS_EXPIRED')).toHaveLength(times);
    }
  });

  it('lets a client confirm what it had of it, also on another connection', async () => {
    const { delivery, lose } = endedRun(2);
    lose(2);
    await delivery.confirm(new TestOutlet(), run.run, 2);
  });

  it('was none where the process died before the first event: the run gets its end yet', async () => {
    const { delivery, logged } = endedRun(0, 10, 'its process died');
    const outlet = new TestOutlet();
    await expect(delivery.confirm(outlet, run.run, 5)).rejects.toMatchObject({ code: 'MESSAGE_MALFORMED' });
    await delivery.resume(outlet, run.run, 0);
    expect(logged.map(({ text }) => JSON.parse(text))).toMatchObject([
      { type: 'run_failed', sequence: 1, payload: { code: 'RUN_INTERRUPTED' } },
    ]);
  });

  it('is told to who follows the run from another process, which lives', async () => {
    const { delivery, clock, logged, lose } = endedRun(2, 10, false);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    await delivery.confirm(outlet, run.run, 2);
    lose(logged.length);
    await clock.pass(200);
    expect(outlet.sent.slice(2).map((text) => JSON.parse(text))).toMatchObject([
      { type: 'error', code: 'STORE_UNAVAILABLE', run_id: 'run-1' },
    ]);
    await clock.pass(60_000);
    expect([outlet.sent.length, clock.pending]).toEqual([3, 0]);
  });

  it('is told to who did not confirm it, once, and a confirmation still counts', async () => {
    const { delivery, clock, lose, unconfirmed } = endedRun(2);
    const outlet = new TestOutlet();
    await delivery.resume(outlet, run.run, 0);
    lose(2);
    await clock.pass(60_000);
    expect(outlet.sent.slice(2).map((text) => JSON.parse(text))).toMatchObject([
      { type: 'error', code: 'EVENTS_EXPIRED', run_id: 'run-1' },
    ]);
    expect(unconfirmed()).toEqual([{ run: 'run-1', confirmed: 0, sent: 2 }]);
    await delivery.confirm(outlet, run.run, 2);
    expect(unconfirmed()).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

it('keeps nothing of a client that left while its run was accepted', async () => {
  const { delivery } = endedRun(0);
  const outlet = await accepted(delivery);
  await settled();
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  expect(outlet.deref()).toBeUndefined();
});

const thought = (reasoning: string) => ({ status: 'thinking' as const, reasoning, step_number: 1 });
const answer = { status: 'complete' as const, report: {}, account: [], missing: [], model: 'none' };

/** In a frame of its own, so that nothing here holds the outlet. */
async function accepted(delivery: ReturnType<typeof createDelivery>): Promise<WeakRef<TestOutlet>> {
  const outlet = new TestOutlet();
  outlet.isOpen = false;
  delivery.detach(outlet);
  await delivery.accept(run, outlet);
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

  get unsent(): number {
    return this.unread;
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

  tooSlow(): void {
    this.isOpen = false;
    this.read();
  }

  read(): void {
    this.unread = 0;
    for (const resolve of this.#whenRead.splice(0)) resolve();
  }
}

/** A run of another process that has ended, or goes on there, with so many events, each with so many characters and more. */
function endedRun(events: number, characters = 10, isOver: boolean | 'its process died' = true) {
  const logged: LoggedEvent[] = Array.from({ length: events }, (_, index) => ({
    sequence: index + 1,
    text: JSON.stringify({ type: 'agent_thinking', sequence: index + 1, filler: 'x'.repeat(characters) }),
  }));
  let unconfirmed: Unconfirmed[] = [];
  let refuses = false;
  let refusesReads = false;
  let lastsMs = 0;
  const clock = new ManualClock();
  const answered = async (): Promise<void> => {
    if (lastsMs > 0) await new Promise<void>((resolve) => clock.after(lastsMs, resolve));
  };
  const log: EventLog = {
    accept: async () => true,
    look: async () => {
      await answered();
      return { ...run, gateway: 'gateway-2', ended: isOver === true, confirmed: 0 };
    },
    append: async (_run, first, texts) => {
      if (refuses) throw new Error('OOM command not allowed');
      logged.push(...texts.map((text, at) => ({ sequence: first + at, text })));
    },
    read: async (_run, after, atMost) => {
      await answered();
      if (refusesReads) throw new Error('Connection is closed.');
      return logged.filter(({ sequence }) => sequence > after).slice(0, atMost);
    },
    last: async () => {
      await answered();
      return logged.at(-1) ?? null;
    },
    keep: async () => {},
    keepUnconfirmed: async (_user, runs) => {
      unconfirmed = [...runs];
    },
    forgetUnconfirmed: async ({ run }) => {
      await answered();
      unconfirmed = unconfirmed.filter((each) => each.run !== run);
    },
    unconfirmed: async () => unconfirmed,
  };
  let lost = 0;
  const witness = {
    appended() {},
    sent() {},
    sentAgain() {},
    confirmed() {},
    unconfirmed() {},
    lost(count: number) {
      lost += count;
    },
    storeFailed() {},
  };
  const lease: Lease = {
    gateway: 'gateway-1',
    hold: async () => {},
    renew() {},
    isHeldBy: async () => {
      await answered();
      return isOver === false;
    },
    release: async () => {},
  };
  const delivery = createDelivery({ log, lease, clock, witness, confirmMs: 1_000, slowReaderMs: 2_000 });
  const lose = (upTo: number): void => {
    logged.splice(0, upTo);
  };
  const refuse = (does: boolean): void => {
    refuses = does;
  };
  const refuseReads = (does: boolean): void => {
    refusesReads = does;
  };
  const lasting = (ms: number): void => {
    lastsMs = ms;
  };
  return {
    delivery,
    clock,
    logged,
    lasting,
    refuseReads,
    lost: () => lost,
    lose,
    refuse,
    unconfirmed: () => unconfirmed,
  };
}
