import { describe, expect, it } from 'vitest';
import { PipelineError } from '../errors.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import { createWatch } from './watch.ts';

const away = new PipelineError('MODEL_UNREACHABLE', { detail: 'no connection' });

/** A watch on a dependency that answers as told, and how often it was asked. */
function watched(answers: () => Promise<void>) {
  const clock = new ManualClock();
  const signals: AbortSignal[] = [];
  const watch = createWatch(
    {
      name: 'model',
      setting: 'MODEL_URL',
      purpose: 'answers',
      given: {},
      code: 'MODEL_UNREACHABLE',
      check: (signal) => {
        signals.push(signal);
        return answers();
      },
    },
    { clock, ttlMs: 1_000, answerMs: 400 },
  );
  return { clock, signals, watch };
}

describe('a watch', () => {
  it('asks once for many, and knows the answer for a while', async () => {
    const { clock, signals, watch } = watched(async () => {});
    expect(await Promise.all([watch.trouble(), watch.trouble(), watch.trouble()])).toEqual([
      null,
      null,
      null,
    ]);
    await clock.pass(500);
    expect(watch.trouble()).toBe(null);
    expect(signals).toHaveLength(1);
    await clock.pass(501);
    expect(await watch.trouble()).toBe(null);
    expect(signals).toHaveLength(2);
  });

  it('keeps bad news exactly as long as good news', async () => {
    let isAway = true;
    const { clock, watch } = watched(async () => {
      if (isAway) throw away;
    });
    expect(await watch.trouble()).toBe(away);
    isAway = false;
    await clock.pass(500);
    expect(watch.trouble()).toBe(away);
    await clock.pass(1_000);
    expect(await watch.trouble()).toBe(null);
    isAway = true;
    await clock.pass(1_000);
    expect(await watch.trouble()).toBe(away);
  });

  it('looks after news that is about to be old, and keeps nobody waiting meanwhile', async () => {
    const { clock, signals, watch } = watched(async () => {});
    await watch.trouble();
    for (let passed = 0; passed < 5_000; passed += 700) {
      await clock.pass(700);
      expect(watch.trouble()).toBe(null);
    }
    expect(signals.length).toBeGreaterThan(4);
  });

  it('does not wait for ever, and lets go of the question', async () => {
    const { clock, signals, watch } = watched(() => new Promise(() => {}));
    const asked = watch.trouble();
    await clock.pass(400);
    expect(await asked).toMatchObject({ code: 'MODEL_UNREACHABLE', detail: 'no answer within 400 ms' });
    expect(signals[0]?.aborted).toBe(true);
    watch.close();
    expect(clock.pending).toBe(0);
  });

  it('ends the look that is under way when it is closed', async () => {
    const { clock, signals, watch } = watched(() => new Promise(() => {}));
    const asked = watch.trouble();
    watch.close();
    expect(await asked).toMatchObject({ code: 'MODEL_UNREACHABLE' });
    expect([signals[0]?.aborted, clock.pending]).toEqual([true, 0]);
  });

  it('asks again and again after bad news, so that one that is slow is known to be back before a run waits', async () => {
    let isAway = true;
    const slow = watched(async () => {
      if (isAway) throw away;
      await new Promise<void>((resolve) => slow.clock.after(300, resolve));
    });
    const { clock, signals, watch } = slow;
    expect(await watch.trouble()).toBe(away);
    await clock.pass(10_000);
    expect(signals).toHaveLength(11);
    isAway = false;
    await clock.pass(1_300);
    expect(watch.trouble()).toBe(null);
    await clock.pass(60_000);
    expect(watch.wasWell()).toBe(true);
    expect(signals).toHaveLength(12);
    // Whoever it fails is told once; however many it fails, it is asked no oftener.
    isAway = true;
    for (let each = 0; each < 20; each++) {
      watch.doubted();
      await clock.pass(100);
    }
    expect(signals).toHaveLength(15);
    watch.close();
    await clock.pass(60_000);
    expect(signals).toHaveLength(15);
    expect(clock.pending).toBe(0);
  });

  it('need not look at what does its work, and looks again at what failed somebody', async () => {
    const { clock, signals, watch } = watched(async () => {});
    for (let n = 0; n < 5; n++) {
      watch.alive();
      expect(watch.trouble()).toBe(null);
      await clock.pass(450);
    }
    expect(signals).toHaveLength(0);
    watch.doubted();
    expect(await watch.trouble()).toBe(null);
    expect(signals).toHaveLength(1);
    await settled();
  });

  it('remembers whether the last that was heard was good, however old that is', async () => {
    let isAway = false;
    const { clock, watch } = watched(async () => {
      if (isAway) throw away;
    });
    expect(watch.wasWell()).toBe(true);
    await clock.pass(600_000);
    expect(watch.wasWell()).toBe(true);
    watch.doubted();
    expect(watch.wasWell()).toBe(false);
    await watch.trouble();
    expect(watch.wasWell()).toBe(true);
    isAway = true;
    await clock.pass(1_000);
    await watch.trouble();
    await clock.pass(600_000);
    expect(watch.wasWell()).toBe(false);
    watch.alive();
    expect(watch.wasWell()).toBe(true);
  });
});
