import type { Clock } from '../ports.ts';

/** What a heartbeat knows of its connection, and can do to it. */
export interface HeartbeatMeans {
  readonly clock: Clock;
  /** How long the peer may be silent before it is asked for a sign of life. */
  readonly intervalMs: number;
  /** How long after that it may stay silent. */
  readonly deadlineMs: number;
  /** Asks the peer for a sign of life. */
  ping(): void;
  /** Whether this side hears what comes: while it does not, a living peer is as silent as a dead one. */
  isListening(): boolean;
  /** Bytes that wait to be sent: while they get fewer, somebody takes them. */
  unsentBytes(): number;
  /** Asked at every beat; false ends the connection's life for another reason. */
  mayGoOn(): boolean;
  /** The peer is dead. */
  lost(): void;
}

/** Watches one peer, from when it is made until it is stopped. */
export interface Heartbeat {
  /** Something came from the peer. */
  heard(): void;
  stop(): void;
}

/** Beats within the shorter of the two times: the ping comes at most one of them late, and so does the end. */
const beatsPerWait = 4;

/**
 * Counts only silence that this side could have heard: a beat that comes late (the event loop was busy, the
 * machine slept, the clock was set) says nothing about the peer. So a dead peer is noticed within interval
 * and deadline and two beats, and a living one that answers pings in time is never lost.
 */
export function createHeartbeat(means: HeartbeatMeans): Heartbeat {
  const { clock, intervalMs, deadlineMs } = means;
  const beatMs = Math.max(1, Math.floor(Math.min(intervalMs, deadlineMs) / beatsPerWait));
  let silentMs = 0;
  /** How long it had been silent when it was asked for a sign of life; null where it was not asked. */
  let askedAfterMs: number | null = null;
  let unsentBytes = 0;
  let beatAt = clock.now();
  let cancel = next();

  function next(): () => void {
    return clock.after(beatMs, beat);
  }

  function heard(): void {
    silentMs = 0;
    askedAfterMs = null;
  }

  function beat(): void {
    if (!means.mayGoOn()) return;
    const now = clock.now();
    const passedMs = now - beatAt;
    const wasOnTime = passedMs >= 0 && passedMs < 2 * beatMs;
    beatAt = now;
    const before = unsentBytes;
    unsentBytes = means.unsentBytes();
    if (unsentBytes < before) heard();
    // A side that does not listen still sees whether what it sent is taken.
    else if (wasOnTime && (means.isListening() || unsentBytes > 0)) silentMs += beatMs;
    // From the ping on: that goes out with a beat, which may come after the interval.
    if (askedAfterMs !== null && silentMs - askedAfterMs >= deadlineMs) {
      means.lost();
      return;
    }
    if (silentMs >= intervalMs && askedAfterMs === null) {
      askedAfterMs = silentMs;
      means.ping();
    }
    cancel = next();
  }

  return { heard, stop: () => cancel() };
}
