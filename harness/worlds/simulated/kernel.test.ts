import { createHmac, webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel, type KernelOptions } from './kernel.ts';

const limits = { timeLimitMs: 60_000, eventLimit: 100_000 };

function kernelWith(options: Partial<KernelOptions> = {}): Kernel {
  return new Kernel({
    ...limits,
    onThrown: (thrown) => {
      throw thrown;
    },
    ...options,
  });
}

const never = (): boolean => false;

it('forgets what is still to come when it is stopped', async () => {
  const kernel = kernelWith();
  const ran: string[] = [];
  kernel.after(1, () => ran.push('before'));
  expect(await kernel.run(never)).toBe('quiet');
  kernel.after(1, () => ran.push('after'));
  kernel.stop();
  expect(await kernel.run(never)).toBe('quiet');
  expect(ran).toEqual(['before']);
});

describe.each([
  ['drained in place', false],
  ['by a hop through the event loop', true],
])('promise work %s', (_, hopThroughLoop) => {
  it('runs events by time, and those of one time in the order in which they were set', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), async (times) => {
        const kernel = kernelWith({ hopThroughLoop });
        const ran: [number, number][] = [];
        times.forEach((ms, index) => {
          kernel.after(ms, () => {
            expect(kernel.now()).toBe(ms);
            ran.push([ms, index]);
          });
        });
        expect(await kernel.run(never)).toBe('quiet');
        expect(ran).toEqual(times.map((ms, index) => [ms, index] as [number, number]).sort(byTimeThenIndex));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('releases no event while promise work of any depth is open', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('then', 'tick', 'microtask', 'both'), { maxLength: 30 }), {
          minLength: 1,
          maxLength: 10,
        }),
        async (chains) => {
          const kernel = kernelWith({ hopThroughLoop });
          let open = 0;
          let whileOpen = 0;
          let finished = 0;
          for (const chain of chains) {
            kernel.after(1, () => {
              if (open > 0) whileOpen++;
              open++;
              void follow(chain).then(() => {
                open--;
                finished++;
              });
            });
          }
          await kernel.run(never);
          expect(whileOpen).toBe(0);
          expect(finished).toBe(chains.length);
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });

  it('waits for work that leaves the thread, and for what follows it', async () => {
    const kernel = kernelWith({ hopThroughLoop });
    const order: string[] = [];
    kernel.after(1, async () => {
      const key = await kernel.offThread(
        webcrypto.subtle.importKey('raw', Buffer.from('key'), { name: 'HMAC', hash: 'SHA-256' }, false, [
          'sign',
        ]),
      );
      const signed = await kernel.offThread(webcrypto.subtle.sign('HMAC', key, Buffer.from('text')));
      await Promise.resolve();
      order.push(Buffer.from(signed).toString('hex'));
    });
    kernel.after(1, () => order.push('next'));
    await kernel.run(never);
    expect(order).toEqual([createHmac('sha256', 'key').update('text').digest('hex'), 'next']);
  });

  it('reports what is thrown from an event, with its realm, and goes on', async () => {
    const thrown: [unknown, string][] = [];
    const kernel = kernelWith({
      hopThroughLoop,
      onThrown: (error, realm) => thrown.push([error, realm.name]),
    });
    const realm = { name: 'instance', alive: true };
    let after = false;
    kernel.schedule(
      1,
      () => {
        throw 'from the event';
      },
      realm,
    );
    kernel.after(2, () => {
      after = true;
    });
    expect(await kernel.run(never)).toBe('quiet');
    expect(thrown).toEqual([['from the event', 'instance']]);
    expect(after).toBe(true);
  });
});

it('goes on after a throw in a tick, which is an uncaught exception', async () => {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const thrown: unknown[] = [];
  process.on('uncaughtException', (error) => thrown.push(error));
  try {
    const kernel = kernelWith();
    const done: string[] = [];
    kernel.after(1, () => {
      process.nextTick(() => {
        throw new Error('from a tick');
      });
      process.nextTick(() => done.push('behind'));
    });
    kernel.after(2, () => done.push('next'));
    await kernel.run(never);
    expect(thrown).toEqual([new Error('from a tick')]);
    expect(done).toEqual(['behind', 'next']);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

it('stops when the condition is met, and can be run on', async () => {
  const kernel = kernelWith();
  let count = 0;
  for (let i = 1; i <= 5; i++) kernel.after(i, () => count++);
  expect(await kernel.run(() => count === 3)).toBe('met');
  expect(kernel.now()).toBe(3);
  expect(await kernel.run(never)).toBe('quiet');
  expect(count).toBe(5);
});

it('ends a case that spins, by events and by time', async () => {
  const byEvents = kernelWith({ eventLimit: 1000 });
  const again = (): void => {
    byEvents.after(0, again);
  };
  again();
  expect(await byEvents.run(never)).toBe('out-of-time');
  expect(byEvents.now()).toBe(0);

  const byTime = kernelWith({ timeLimitMs: 1000 });
  const later = (): void => {
    byTime.after(10, later);
  };
  later();
  expect(await byTime.run(never)).toBe('out-of-time');
  expect(byTime.now()).toBe(1000);
});

it('never runs what was undone or belongs to a dead realm', async () => {
  const kernel = kernelWith();
  const ran: string[] = [];
  const realm = { name: 'instance', alive: true };
  kernel.after(1, () => ran.push('undone'))();
  kernel.schedule(2, () => ran.push('before'), realm);
  kernel.after(3, () => {
    realm.alive = false;
  });
  kernel.schedule(4, () => ran.push('after'), realm);
  await kernel.run(never);
  expect(ran).toEqual(['before']);
});

it('lets an event go over to one realm only', async () => {
  const kernel = kernelWith();
  const one = { name: 'one', alive: true };
  const other = { name: 'other', alive: true };
  const seen: unknown[] = [];
  kernel.after(1, () => {
    seen.push(kernel.enter(one), kernel.enter(one), kernel.enter(other), kernel.realm.name);
  });
  kernel.after(2, () => seen.push(kernel.realm.name));
  await kernel.run(never);
  expect(seen).toEqual([true, true, false, 'one', 'world']);
});

function byTimeThenIndex(a: [number, number], b: [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

async function follow(chain: readonly string[]): Promise<void> {
  for (const link of chain) {
    if (link === 'then') await Promise.resolve();
    else if (link === 'tick') await new Promise<void>((resolve) => process.nextTick(resolve));
    else if (link === 'microtask') await new Promise<void>((resolve) => queueMicrotask(resolve));
    else await new Promise<void>((resolve) => process.nextTick(() => queueMicrotask(() => resolve())));
  }
}
