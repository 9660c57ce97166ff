import { describe, expect, it } from 'vitest';
import { createHeartbeat } from './heartbeat.ts';

const intervalMs = 100;
const deadlineMs = 40;
/** A dead peer is noticed within both times, and at most two beats (the one in which it died, the one in which that is seen). */
const boundMs = intervalMs + deadlineMs + 2 * 10;

describe('a heartbeat', () => {
  it('asks a silent peer for a sign of life, and loses it where none comes', () => {
    const play = watched();
    play.pass(intervalMs - 10);
    expect(play.pings).toBe(0);
    play.pass(20);
    expect([play.pings, play.isLost]).toEqual([1, false]);
    play.pass(boundMs - intervalMs - 10);
    expect([play.pings, play.isLost]).toEqual([1, true]);
  });

  it('never loses a peer that answers, however quiet it is', () => {
    const play = watched({ answersAfterMs: deadlineMs - 10 });
    play.pass(100 * intervalMs);
    expect(play.isLost).toBe(false);
    expect(play.pings).toBeGreaterThan(50);
  });

  it.each([
    [101, 124],
    [1_001, 1_249],
    [1_010, 1_010],
    [30, 1_000],
    [1_000, 30],
  ])('gives a peer all of its deadline from the ping on (after %i ms, %i ms)', (interval, deadline) => {
    const play = watched({ answersAfterMs: deadline - 1, intervalMs: interval, deadlineMs: deadline });
    play.pass(20 * (interval + deadline));
    expect(play.isLost).toBe(false);
    const dead = watched({ intervalMs: interval, deadlineMs: deadline });
    dead.pass(interval + deadline + Math.min(interval, deadline) / 2);
    expect(dead.isLost).toBe(true);
  });

  it('asks nobody who talks', () => {
    const play = watched();
    for (let count = 0; count < 50; count++) {
      play.pass(50);
      play.heartbeat.heard();
    }
    expect([play.pings, play.isLost]).toEqual([0, false]);
  });

  it('notices a peer that dies in the middle of its life within the bound', () => {
    for (let lastWordAt = 0; lastWordAt < 3 * intervalMs; lastWordAt += 7) {
      const play = watched({ answersAfterMs: 5, diesAt: lastWordAt });
      play.pass(lastWordAt + intervalMs + boundMs);
      expect(play.isLost).toBe(true);
    }
  });

  it('counts no silence in which this side was busy: what came meanwhile has yet to be read', () => {
    const play = watched();
    play.pass(intervalMs + 10);
    expect(play.pings).toBe(1);
    // The event loop is held up for many deadlines; the answer waits in the socket.
    play.stall(10 * (intervalMs + deadlineMs));
    expect(play.isLost).toBe(false);
    play.heartbeat.heard();
    play.pass(intervalMs);
    expect(play.isLost).toBe(false);
  });

  it('still loses a dead peer once this side is not busy any more', () => {
    const play = watched();
    play.stall(5_000);
    play.pass(boundMs);
    expect(play.isLost).toBe(true);
  });

  it.each([3_600_000, -3_600_000])('is not fooled by a clock that is set by %i ms', (ms) => {
    const play = watched();
    play.pass(intervalMs + 10);
    play.set(ms);
    play.pass(10);
    expect(play.isLost).toBe(false);
    play.pass(boundMs);
    expect(play.isLost).toBe(true);
  });

  it('takes it for life where bytes that waited are taken, and for none where they are not', () => {
    const slow = watched();
    slow.unsent = 1_000_000;
    for (let count = 0; count < 100; count++) {
      slow.pass(20);
      slow.unsent -= 100;
    }
    expect([slow.isLost, slow.pings]).toEqual([false, 0]);
    slow.pass(boundMs);
    expect(slow.isLost).toBe(true);
  });

  it('counts no silence while this side does not listen, unless what it sent is not taken either', () => {
    const play = watched();
    play.isListening = false;
    play.pass(10 * boundMs);
    expect([play.isLost, play.pings]).toEqual([false, 0]);
    play.unsent = 1;
    play.pass(boundMs + 10);
    expect(play.isLost).toBe(true);
  });

  it('says nothing more when it is stopped, or when it may not go on', () => {
    const stopped = watched();
    stopped.heartbeat.stop();
    stopped.pass(10 * boundMs);
    expect([stopped.pings, stopped.isLost, stopped.hasTimer]).toEqual([0, false, false]);
    const expired = watched();
    expired.mayGoOn = false;
    expired.pass(10 * boundMs);
    expect([expired.pings, expired.isLost, expired.hasTimer]).toEqual([0, false, false]);
  });
});

/** A heartbeat over a clock with one timer for it, and timers for the peer's answers. */
function watched(
  peer: {
    readonly answersAfterMs?: number;
    readonly diesAt?: number;
    readonly intervalMs?: number;
    readonly deadlineMs?: number;
  } = {},
) {
  let now = 1_000_000;
  let passed = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: passed + ms, run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const play = {
    pings: 0,
    isLost: false,
    isListening: true,
    unsent: 0,
    mayGoOn: true,
    get hasTimer() {
      return timers.size > 0;
    },
    /** Time passes, every timer on time. */
    pass(ms: number): void {
      const until = passed + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        now += Math.max(0, due.at - passed);
        passed = Math.max(passed, due.at);
        due.run();
      }
      now += until - passed;
      passed = until;
    },
    /** Time passes and nothing can run; then what is due does. */
    stall(ms: number): void {
      now += ms;
      passed += ms;
      play.pass(0);
    },
    /** Somebody sets the clock. */
    set(ms: number): void {
      now += ms;
    },
    heartbeat: { heard: (): void => {}, stop: (): void => {} },
  };
  play.heartbeat = createHeartbeat({
    clock: { now: () => now, after },
    intervalMs: peer.intervalMs ?? intervalMs,
    deadlineMs: peer.deadlineMs ?? deadlineMs,
    ping: () => {
      play.pings++;
      const { answersAfterMs, diesAt = Number.POSITIVE_INFINITY } = peer;
      if (answersAfterMs !== undefined && passed < diesAt)
        after(answersAfterMs, () => play.heartbeat.heard());
    },
    isListening: () => play.isListening,
    unsentBytes: () => play.unsent,
    mayGoOn: () => play.mayGoOn,
    lost: () => {
      play.isLost = true;
    },
  });
  return play;
}
