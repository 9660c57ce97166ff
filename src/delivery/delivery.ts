import { type ErrorCode, PipelineError } from '../errors.ts';
import type { RunEvent, RunEventPayloads, RunEventType, ServerNotice } from '../messages.ts';
import type { Clock } from '../ports.ts';
import { refusal } from '../refusal.ts';
import type { EventLog, LoggedEvent, RunKey } from './event-log.ts';
import type { Outlet } from './outlet.ts';

/** Brings every event of a run to its user: durable first, then sent, in order, once per connection. */
export interface Delivery {
  /** A run that this process accepted: its events come through the returned handle, and go to `outlet`. */
  open(run: AcceptedRun, outlet: Outlet): LiveRun;
  /**
   * Sends what follows `after`, then what comes. A run that nobody works on any more gets its end here.
   * Rejects with RUN_UNKNOWN, MESSAGE_MALFORMED or STORE_UNAVAILABLE.
   */
  resume(outlet: Outlet, runId: string, after: number): Promise<void>;
  /** Every event up to `sequence` was received. Rejects as `resume` does. */
  confirm(outlet: Outlet, runId: string, sequence: number): Promise<void>;
  /** The connection is gone. */
  detach(outlet: Outlet): void;
  /** The store is back: runs whose end could not be written get it now. */
  settle(): Promise<void>;
}

export interface AcceptedRun extends RunKey {
  readonly threadId: string;
  readonly correlationId: string;
}

/** A run that is being worked on. */
export interface LiveRun {
  /** Rejects with STORE_UNAVAILABLE when the event cannot be made durable: then the run takes no more. */
  emit<T extends RunEventType>(type: T, agent: RunEventAgent, payload: RunEventPayloads[T]): Promise<void>;
  /** How the run ended: the type of its last event. */
  readonly ended: 'run_completed' | 'run_failed' | null;
  /**
   * Ends the run with this code where it has not ended: durably where the store lets us, else by an `error`
   * notice on the open connections, and durably once the store is back.
   */
  fail(code: ErrorCode): Promise<void>;
  /** Tells whoever has the run on a connection now; nothing of it is kept. */
  tell(notice: ServerNotice): void;
}

type RunEventAgent = RunEvent['agent_name'];

/** What delivery tells the metrics and the log. */
export interface DeliveryWitness {
  appended(type: RunEventType): void;
  sent(count: number): void;
  confirmed(count: number): void;
  /** Events that a client asked for and that are gone. */
  lost(count: number): void;
  /** The store refused or did not answer. */
  storeFailed(what: string, run: RunKey, thrown: unknown): void;
}

/** Events read at once while a connection catches up. */
const batch = 64;
/** Characters that are sent to a connection that catches up before it has to have read them. */
const unreadMax = 256 * 1024;
/** Runs with an unwritten end that are remembered; their clients were told all the same. */
const unwrittenMax = 10_000;
/** Runs of one connection whose place is kept; beyond, that of the oldest ended one is forgotten. */
const attachmentsMax = 256;

export function createDelivery(options: {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly witness: DeliveryWitness;
}): Delivery {
  const { log, clock, witness } = options;
  const live = new Map<string, RunRecord>();
  /** What each connection has of each run. */
  const attached = new Map<Outlet, Map<string, Attachment>>();
  /** Runs that failed while the store was away, by key. */
  const unwritten = new Map<string, RunRecord>();

  function eventText(
    record: RunRecord,
    sequence: number,
    type: RunEventType,
    agent: RunEventAgent,
    payload: RunEventPayloads[RunEventType],
  ): string {
    return JSON.stringify({
      type,
      run_id: record.run,
      thread_id: record.threadId,
      agent_name: agent,
      timestamp: new Date(clock.now()).toISOString(),
      sequence,
      payload,
    });
  }

  function send(attachment: Attachment, sequence: number, text: string): void {
    if (!attachment.outlet.isOpen) return;
    attachment.cursor = sequence;
    attachment.outlet.send(text);
    witness.sent(1);
  }

  async function emit(
    record: RunRecord,
    type: RunEventType,
    agent: RunEventAgent,
    payload: RunEventPayloads[RunEventType],
  ): Promise<void> {
    if (record.state !== 'live')
      throw new PipelineError('STORE_UNAVAILABLE', { detail: 'the run takes no more events' });
    const sequence = record.appended + 1;
    const text = eventText(record, sequence, type, agent, payload);
    try {
      await log.append(record, sequence, text, sequence === 1);
    } catch (thrown) {
      record.state = 'broken';
      witness.storeFailed('append', record, thrown);
      throw thrown;
    }
    record.appended = sequence;
    witness.appended(type);
    if (isEnd(type)) hasEnded(record, type);
    for (const attachment of record.attachments) {
      if (attachment.cursor === sequence - 1 && attachment.current) send(attachment, sequence, text);
    }
    if (record.ended !== null) await markEnded(record);
  }

  function hasEnded(record: RunRecord, type: 'run_completed' | 'run_failed'): void {
    record.state = 'ended';
    record.ended = type;
    live.delete(keyOf(record));
    unwritten.delete(keyOf(record));
  }

  /** The log's last event is the truth; the mark only spares a look at it. */
  async function markEnded(record: RunRecord): Promise<void> {
    await log.markEnded(record).catch((thrown: unknown) => witness.storeFailed('mark', record, thrown));
  }

  /** Writes the end behind whatever the log holds; false where an end is there already. */
  async function writeEnd(record: RunRecord, code: ErrorCode): Promise<boolean> {
    for (;;) {
      const last = await log.last(record);
      const lastType = last === null ? null : endOf(last);
      if (last !== null) record.appended = Math.max(record.appended, last.sequence);
      if (lastType !== null) {
        hasEnded(record, lastType);
        return false;
      }
      const sequence = record.appended + 1;
      const payload = { ...refusal(code, record.correlationId), missing: [] };
      const text = eventText(record, sequence, 'run_failed', 'supervisor', payload);
      try {
        await log.append(record, sequence, text, true);
      } catch (thrown) {
        // Somebody else was there first: look again. Any other failure is the caller's.
        const now = await log.last(record);
        if (now !== null && now.sequence >= sequence) continue;
        throw thrown;
      }
      record.appended = sequence;
      witness.appended('run_failed');
      hasEnded(record, 'run_failed');
      await markEnded(record);
      return true;
    }
  }

  async function fail(record: RunRecord, code: ErrorCode): Promise<void> {
    if (record.state === 'ended') return;
    record.state = 'broken';
    record.code = code;
    try {
      // An event on its way lands before the end is written behind it.
      await record.emitting.catch(() => {});
      if (record.ended !== null) return;
      await writeEnd(record, code);
    } catch (thrown) {
      witness.storeFailed('end', record, thrown);
      live.delete(keyOf(record));
      if (unwritten.size < unwrittenMax) unwritten.set(keyOf(record), record);
      for (const attachment of [...record.attachments]) giveUp(attachment, code);
      return;
    }
    await Promise.all(
      [...record.attachments].map((attachment) =>
        catchUp(attachment).catch((thrown: unknown) => {
          witness.storeFailed('read', record, thrown);
          giveUp(attachment, code);
        }),
      ),
    );
  }

  /** The end cannot come as an event, so it comes as a notice, and nothing of the run after it. */
  function giveUp({ outlet, record }: Attachment, code: ErrorCode): void {
    outlet.notify({ type: 'error', ...refusal(code, record.correlationId), run_id: record.run });
    forget(outlet, record.run);
  }

  function attachment(outlet: Outlet, record: RunRecord, cursor: number): Attachment {
    const made: Attachment = { outlet, record, cursor, current: false };
    const ofOutlet = attached.get(outlet) ?? new Map<string, Attachment>();
    attached.set(outlet, ofOutlet);
    if (ofOutlet.size >= attachmentsMax) {
      const over = [...ofOutlet.values()].find(({ record }) => record.state === 'ended');
      if (over !== undefined) forget(outlet, over.record.run);
    }
    ofOutlet.set(record.run, made);
    record.attachments.add(made);
    return made;
  }

  function forget(outlet: Outlet, runId: string): void {
    const ofOutlet = attached.get(outlet);
    const found = ofOutlet?.get(runId);
    if (found === undefined) return;
    ofOutlet?.delete(runId);
    found.record.attachments.delete(found);
  }

  /** Sends from the log until the connection has all that the run has. */
  async function catchUp(attachment: Attachment): Promise<void> {
    const { outlet, record } = attachment;
    attachment.current = false;
    let unread = 0;
    while (outlet.isOpen) {
      const entries = await log.read(record, attachment.cursor, batch);
      for (const { sequence, text } of entries) {
        // What a connection that is gone does not get is not lost: it can be had on the next one.
        if (!outlet.isOpen) return;
        if (sequence <= attachment.cursor) continue;
        if (sequence > attachment.cursor + 1) skip(attachment, sequence);
        send(attachment, sequence, text);
        unread += text.length;
        if (unread < unreadMax) continue;
        // All at once, a long run would look like a reader that is too slow.
        await outlet.flushed();
        unread = 0;
      }
      if (entries.length === batch) await outlet.flushed();
      // An event may have become durable since; nothing is awaited between this look and `current`.
      else if (attachment.cursor >= record.appended) {
        attachment.current = true;
        return;
      } else if (entries.length === 0) skip(attachment, record.appended + 1);
    }
  }

  /** Owns up to events that the log does not hold any more. */
  function skip(attachment: Attachment, availableFrom: number): void {
    const { outlet, record, cursor } = attachment;
    outlet.notify({
      type: 'events_lost',
      run_id: record.run,
      after: cursor,
      available_from: availableFrom,
    });
    witness.lost(availableFrom - 1 - cursor);
    attachment.cursor = availableFrom - 1;
  }

  /** A run that this process does not work on, as the store knows it. */
  async function recall(key: RunKey): Promise<RunRecord> {
    const standing = await log.look(key);
    if (standing === null) throw new PipelineError('RUN_UNKNOWN');
    // It may have been looked up twice at once, or been accepted meanwhile.
    const known = live.get(keyOf(key)) ?? unwritten.get(keyOf(key));
    if (known !== undefined) return known;
    const record = recordOf({ ...key, ...standing });
    record.confirmed = standing.confirmed;
    record.confirmedStored = standing.confirmed;
    record.state = standing.ended ? 'ended' : 'broken';
    return record;
  }

  async function resume(outlet: Outlet, runId: string, after: number): Promise<void> {
    // This connection gets the run already: sending again would show it events twice.
    if (attached.get(outlet)?.has(runId)) return;
    const key = { user: outlet.userId, run: runId };
    const record = live.get(keyOf(key)) ?? (await recall(key));
    if (record.state === 'broken') {
      const written = await writeEnd(record, record.code ?? 'RUN_INTERRUPTED');
      // The store lost what the client has: there is no number under which the client could be sent the end.
      if (written && after >= record.appended) throw new PipelineError(record.code ?? 'RUN_INTERRUPTED');
    } else if (record.state === 'ended') {
      const last = await log.last(record);
      if (last === null) throw new PipelineError('RUN_UNKNOWN', { detail: 'its events have expired' });
      record.appended = last.sequence;
    }
    if (after > record.appended)
      throw new PipelineError('MESSAGE_MALFORMED', { detail: 'after: beyond the last event' });
    if (!outlet.isOpen) return;
    try {
      await catchUp(attachment(outlet, record, after));
    } catch (thrown) {
      forget(outlet, runId);
      throw thrown;
    }
  }

  async function confirm(outlet: Outlet, runId: string, sequence: number): Promise<void> {
    const key = { user: outlet.userId, run: runId };
    const has = attached.get(outlet)?.get(runId);
    const record = has?.record ?? live.get(keyOf(key)) ?? (await recall(key));
    const last =
      has?.cursor ?? (record.state === 'live' ? record.appended : (await log.last(record))?.sequence);
    if (last === undefined || sequence > last)
      throw new PipelineError('MESSAGE_MALFORMED', { detail: 'sequence: beyond the last event' });
    if (sequence > record.confirmed) {
      witness.confirmed(sequence - record.confirmed);
      record.confirmed = sequence;
    }
    // One write at a time; while it is on its way only the highest number waits.
    if (record.confirming || record.confirmed <= record.confirmedStored) return;
    record.confirming = true;
    try {
      while (record.confirmedStored < record.confirmed) {
        const next = record.confirmed;
        await log.confirm(record, next);
        record.confirmedStored = next;
      }
    } catch (thrown) {
      witness.storeFailed('confirm', record, thrown);
      throw thrown;
    } finally {
      record.confirming = false;
    }
  }

  return {
    open(run, outlet) {
      const record = recordOf(run);
      live.set(keyOf(record), record);
      // A client that left meanwhile was detached already: nobody would do it again.
      if (outlet.isOpen) attachment(outlet, record, 0).current = true;
      return {
        emit: (type, agent, payload) => {
          const next = record.emitting.then(() => emit(record, type, agent, payload));
          record.emitting = next.catch(() => {});
          return next;
        },
        get ended() {
          return record.ended;
        },
        fail: (code) => fail(record, code),
        tell: (notice) => {
          for (const { outlet } of record.attachments) outlet.notify(notice);
        },
      };
    },
    resume,
    confirm,
    detach(outlet) {
      for (const found of attached.get(outlet)?.values() ?? []) found.record.attachments.delete(found);
      attached.delete(outlet);
    },
    async settle() {
      for (const record of [...unwritten.values()]) {
        await writeEnd(record, record.code ?? 'STORE_UNAVAILABLE').catch((thrown: unknown) =>
          witness.storeFailed('end', record, thrown),
        );
      }
    },
  };
}

/** What this process knows of a run: numbers, never events. */
interface RunRecord extends AcceptedRun {
  /** `broken`: takes no more events, and has no end in the log yet. */
  state: 'live' | 'broken' | 'ended';
  ended: 'run_completed' | 'run_failed' | null;
  /** Why it failed, where its end could not be written. */
  code?: ErrorCode;
  /** The last sequence number that is durable. */
  appended: number;
  /** Received from the user, and written to the store. */
  confirmed: number;
  confirmedStored: number;
  confirming: boolean;
  emitting: Promise<void>;
  readonly attachments: Set<Attachment>;
}

/** One connection's place in one run. */
interface Attachment {
  readonly outlet: Outlet;
  readonly record: RunRecord;
  /** The last sequence number that was sent on it. */
  cursor: number;
  /** It has all that is durable, and gets each new event as it comes. */
  current: boolean;
}

function recordOf(run: AcceptedRun): RunRecord {
  return {
    user: run.user,
    run: run.run,
    threadId: run.threadId,
    correlationId: run.correlationId,
    state: 'live',
    ended: null,
    appended: 0,
    confirmed: 0,
    confirmedStored: 0,
    confirming: false,
    emitting: Promise.resolve(),
    attachments: new Set(),
  };
}

function keyOf({ user, run }: RunKey): string {
  return `${user}:${run}`;
}

function isEnd(type: RunEventType): type is 'run_completed' | 'run_failed' {
  return type === 'run_completed' || type === 'run_failed';
}

function endOf(event: LoggedEvent): 'run_completed' | 'run_failed' | null {
  const { type } = JSON.parse(event.text) as { type: RunEventType };
  return isEnd(type) ? type : null;
}
