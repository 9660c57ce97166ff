import { describe, expect, it } from 'vitest';
import { settled } from '../supervisor/manual-clock.fixture.ts';
import { EventQueue, type NewEvent, type Pace } from './event-queue.ts';

describe('events on their way into the log', () => {
  it('go one command each, one command at a time', async () => {
    const { add, commands, done } = bench();
    const durable = [add(1), add(2)];
    expect(commands).toEqual([[1]]);
    done();
    await durable[0];
    expect(commands).toEqual([[1], [2]]);
    done();
    await durable[1];
  });

  it('go together where one says that another follows', async () => {
    const { add, commands, done } = bench();
    const durable = [add(1, 'with-next'), add(2)];
    expect(commands).toEqual([[1, 2]]);
    done();
    await Promise.all(durable);
  });

  it('go at the end of the tick where nothing followed', async () => {
    const { add, commands, done } = bench();
    const durable = add(1, 'with-next');
    await settled();
    const next = add(2);
    expect(commands).toEqual([[1]]);
    done();
    await durable;
    done();
    await next;
    expect(commands).toEqual([[1], [2]]);
  });

  it('go on where the command was done before the tick in which it was asked for', async () => {
    const commands: number[] = [];
    const queue = new EventQueue(async (events) => void commands.push(events.length), 8);
    const event = { type: 'agent_thinking', text: '{}' } as const;
    await Promise.all([
      queue.add({ ...event, sequence: 1 }, 'with-next'),
      queue.add({ ...event, sequence: 2 }, 'at-once'),
    ]);
    await settled();
    await queue.add({ ...event, sequence: 3 }, 'at-once');
    expect(commands).toEqual([2, 1]);
  });

  it('are grouped by what was said, however long the command before them takes', async () => {
    const { add, commands, done } = bench();
    const durable = [add(1), add(2), add(3, 'with-next'), add(4), add(5)];
    for (const each of durable) {
      done();
      await each;
    }
    expect(commands).toEqual([[1], [2], [3, 4], [5]]);
  });

  it('are no more in one command than it may hold', async () => {
    const { add, commands, done } = bench(2);
    const durable = [add(1, 'with-next'), add(2, 'with-next'), add(3)];
    done();
    await durable[0];
    done();
    await durable[2];
    expect(commands).toEqual([[1, 2], [3]]);
  });

  it('fail together, and those behind them by themselves', async () => {
    const { add, fail, done } = bench();
    const [first, second, third] = [add(1, 'with-next'), add(2), add(3)];
    fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await expect(second).rejects.toThrow('away');
    done();
    await third;
  });

  it('are waited for by whoever wants the queue at rest', async () => {
    const { add, done, queue } = bench();
    let isSettled = false;
    void add(1);
    void queue.settled().then(() => {
      isSettled = true;
    });
    await settled();
    expect(isSettled).toBe(false);
    done();
    await settled();
    expect(isSettled).toBe(true);
  });
});

/** A queue whose commands end when a test says so. */
function bench(atMost = 8) {
  const commands: number[][] = [];
  let end: { done(): void; fail(thrown: unknown): void } = { done: () => {}, fail: () => {} };
  const append = (events: readonly NewEvent[]): Promise<void> => {
    commands.push(events.map(({ sequence }) => sequence));
    return new Promise((resolve, reject) => {
      end = { done: resolve, fail: reject };
    });
  };
  const queue = new EventQueue(append, atMost);
  const add = (sequence: number, pace: Pace = 'at-once'): Promise<void> =>
    queue.add({ sequence, type: 'agent_thinking', text: `{"sequence":${sequence}}` }, pace);
  return { queue, commands, add, done: () => end.done(), fail: (thrown: unknown) => end.fail(thrown) };
}
