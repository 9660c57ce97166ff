import { type ErrorCode, PipelineError } from '../errors.ts';
import type { RunEvent, RunEventPayloads, RunEventType, ServerNotice } from '../messages.ts';
import type { Clock } from '../ports.ts';
import { refusal } from '../refusal.ts';
import {
  type EventLog,
  entryEventsMax,
  type KnownRun,
  type LoggedEvent,
  type RunKey,
  type Unconfirmed,
} from './event-log.ts';
import { EventQueue, type NewEvent, type Pace } from './event-queue.ts';
import type { Lease } from './lease.ts';
import type { Outlet } from './outlet.ts';

/** Brings every event of a run to its user: durable first, then sent, in order, until it is confirmed. */
export interface Delivery {
  /**
   * Takes the run for this process: its events come through the returned handle, and go to `outlet`. Null where
   * it was taken before, by whomever. Rejects with STORE_UNAVAILABLE.
   */
  accept(run: AcceptedRun, outlet: Outlet): Promise<LiveRun | null>;
  /**
   * Sends what follows `after`, then what comes, also from another process that works on the run. One that
   * nobody works on any more gets its end here. On a connection that has the run already it goes back to
   * `after`. Resolves with whether the run has ended and all of it was sent: then nothing follows. Rejects with
   * RUN_UNKNOWN, EVENTS_EXPIRED, MESSAGE_MALFORMED or STORE_UNAVAILABLE.
   */
  resume(outlet: Outlet, runId: string, after: number): Promise<boolean>;
  /** Every event up to `sequence` was received. Rejects as `resume` does. */
  confirm(outlet: Outlet, runId: string, sequence: number): Promise<void>;
  /** A connection is ready: its user is told which runs have events that nobody confirmed. Never rejects. */
  greet(outlet: Outlet): Promise<void>;
  /** The connection is gone. */
  detach(outlet: Outlet): void;
  /** The store is back: runs whose end could not be written get it now. */
  settle(): Promise<void>;
  /** Ends that could not be written are left to the process that is asked for them next. */
  close(): void;
}

export interface AcceptedRun extends RunKey {
  readonly threadId: string;
  readonly correlationId: string;
}

/** A run that is being worked on. */
export interface LiveRun {
  /**
   * Events go out in the order of the calls. Rejects with STORE_UNAVAILABLE when the event cannot be made
   * durable: then the run takes no more.
   */
  emit<T extends RunEventType>(
    type: T,
    agent: RunEventAgent,
    payload: RunEventPayloads[T],
    pace?: Pace,
  ): Promise<void>;
  /** How the run ended: the type of its last event. */
  ended(): 'run_completed' | 'run_failed' | null;
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
  /** Events sent again because their confirmation did not come. */
  sentAgain(count: number): void;
  confirmed(count: number): void;
  /** Events that a client asked for and that are gone. */
  lost(count: number): void;
  /** Events of an ended run, or of one whose client stays silent, that were sent and not confirmed. */
  unconfirmed(run: RunKey, count: number): void;
  /** The store refused or did not answer. */
  storeFailed(what: string, run: RunKey, thrown: unknown): void;
}

export interface DeliveryMeans {
  readonly log: EventLog;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly witness: DeliveryWitness;
  /** How long a sent event may be unconfirmed before it is sent again, ms. */
  readonly confirmMs: number;
  /** How long a reader may take nothing of what was sent before it is let go, ms. */
  readonly slowReaderMs: number;
}

/** Events read at once while a connection catches up. */
const batch = 64;
/** Characters that are sent to a connection that catches up before it has to have read them. */
const unreadMax = 256 * 1024;
/** Runs with an unwritten end that are remembered; their clients were told all the same. */
const unwrittenMax = 10_000;
/** Runs of one connection whose place is kept; beyond, that of the oldest ended one is forgotten. */
const attachmentsMax = 256;
/** Between two looks at a run that another process works on, ms. */
const followMs = 200;
/** Between two tries to write ends that a store refused which is there all the time, ms. */
const unwrittenMs = 1_000;
/** How often an unconfirmed event is sent again before its user counts as not reached. */
const sentAgainMost = 3;

export function createDelivery(means: DeliveryMeans): Delivery {
  const { log, lease, clock, witness, confirmMs, slowReaderMs } = means;
  const live = new Map<string, RunRecord>();
  /** Runs of other processes that somebody here follows. */
  const followed = new Map<string, RunRecord>();
  /** What each connection has of each run. */
  const attached = new Map<Outlet, Map<string, Attachment>>();
  /** Runs that failed while the store was away, by key. */
  const unwritten = new Map<string, RunRecord>();
  /** Undoes the timer that waits for the next try to write their ends. */
  let unwrittenDue: (() => void) | null = null;
  let isClosed = false;
  let timestamped = { ms: Number.NaN, text: '' };

  /** Of many events in one millisecond it is made once. */
  function timestampOf(ms: number): string {
    if (ms !== timestamped.ms) timestamped = { ms, text: new Date(ms).toISOString() };
    return timestamped.text;
  }

  function eventText(
    record: RunRecord,
    sequence: number,
    type: RunEventType,
    agent: RunEventAgent,
    payload: RunEventPayloads[RunEventType],
  ): string {
    // As one JSON.stringify would write it; what is the same for all events of a run is written once.
    record.names ??= `"run_id":${JSON.stringify(record.run)},"thread_id":${JSON.stringify(record.threadId)}`;
    const timestamp = timestampOf(clock.now());
    const head = `{"type":"${type}",${record.names},"agent_name":"${agent}"`;
    return `${head},"timestamp":"${timestamp}","sequence":${sequence},"payload":${JSON.stringify(payload)}}`;
  }

  function send(attachment: Attachment, sequence: number, text: string): void {
    if (!attachment.outlet.isOpen) return;
    attachment.cursor = sequence;
    attachment.outlet.send(text);
    witness.sent(1);
    if (attachment.overdue === null) awaitConfirmation(attachment);
  }

  async function append(record: RunRecord, events: readonly [NewEvent, ...NewEvent[]]): Promise<void> {
    if (record.state !== 'live')
      throw new PipelineError('STORE_UNAVAILABLE', { detail: 'the run takes no more events' });
    const [{ sequence: first }] = events;
    const texts = events.map(({ text }) => text);
    try {
      await log.append(record, first, texts, first === 1);
    } catch (thrown) {
      record.state = 'broken';
      witness.storeFailed('append', record, thrown);
      throw thrown;
    }
    for (const { sequence, type } of events) {
      record.appended = sequence;
      witness.appended(type);
      if (isEnd(type)) hasEnded(record, type);
    }
    for (const attachment of record.attachments) sendNew(attachment, events);
    if (record.ended !== null) await markEnded(record);
  }

  function sendNew(attachment: Attachment, events: readonly NewEvent[]): void {
    // The log could not be read when it had to catch up: it lacks more than these.
    if (!attachment.current && attachment.catching === null) catchUpBeside(attachment);
    for (const { sequence, text } of events) {
      if (attachment.cursor !== sequence - 1 || !attachment.current) return;
      if (attachment.outlet.unsent < unreadMax) send(attachment, sequence, text);
      else catchUpBeside(attachment);
    }
  }

  function catchUpBeside(attachment: Attachment): void {
    catchUp(attachment).catch((thrown: unknown) => leftBehind(attachment, thrown));
  }

  function hasEnded(record: RunRecord, type: 'run_completed' | 'run_failed'): void {
    record.state = 'ended';
    record.ended = type;
    live.delete(keyOf(record));
    unwritten.delete(keyOf(record));
  }

  /** The log's last event is the truth; the mark only spares a look at it. */
  async function markEnded(record: RunRecord): Promise<void> {
    if (record.attachments.size === 0) surface(record.user, [record]);
    await log
      .keep(standingOf(record))
      .catch((thrown: unknown) => witness.storeFailed('mark', record, thrown));
  }

  /** Writes the end behind whatever the log holds; false where an end is there already. */
  function writeEnd(record: RunRecord, code: ErrorCode): Promise<boolean> {
    record.ending ??= appendEnd(record, code).finally(() => {
      record.ending = null;
    });
    return record.ending;
  }

  async function appendEnd(record: RunRecord, code: ErrorCode): Promise<boolean> {
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
        await log.append(record, sequence, [text], true);
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

  async function fail(record: RunRecord, queue: EventQueue, code: ErrorCode): Promise<void> {
    if (record.state === 'ended') return;
    record.state = 'broken';
    record.code = code;
    try {
      // An event on its way lands before the end is written behind it.
      await queue.settled();
      if (record.ended !== null) return;
      await writeEnd(record, code);
    } catch (thrown) {
      witness.storeFailed('end', record, thrown);
      live.delete(keyOf(record));
      if (unwritten.size < unwrittenMax) unwritten.set(keyOf(record), record);
      tryUnwrittenLater();
      for (const attachment of [...record.attachments]) giveUp(attachment, code);
      return;
    }
    await allCatchUp(record, code);
  }

  /** A store that is full or a replica refuses and breaks off no connection: nobody tells when it is well again. */
  function tryUnwrittenLater(): void {
    if (isClosed || unwritten.size === 0) return;
    unwrittenDue ??= clock.after(unwrittenMs, () => {
      unwrittenDue = null;
      void writeUnwritten().then(tryUnwrittenLater);
    });
  }

  /** One after the other, until the store refuses one: it comes last the next time. */
  async function writeUnwritten(): Promise<void> {
    for (const [key, record] of [...unwritten]) {
      try {
        await writeEnd(record, record.code ?? 'STORE_UNAVAILABLE');
      } catch (thrown) {
        witness.storeFailed('end', record, thrown);
        if (unwritten.delete(key)) unwritten.set(key, record);
        return;
      }
    }
  }

  async function allCatchUp(record: RunRecord, otherwise: ErrorCode): Promise<void> {
    await Promise.all(
      [...record.attachments].map((attachment) =>
        catchUp(attachment).catch((thrown: unknown) => {
          witness.storeFailed('read', record, thrown);
          giveUp(attachment, otherwise);
        }),
      ),
    );
  }

  /** The end cannot come as an event, so it comes as a notice, and nothing of the run after it. */
  function giveUp(attachment: Attachment, code: ErrorCode): void {
    tellEnd(attachment, code);
    forget(attachment.outlet, attachment.record.run);
  }

  /** Once; what the client has all the same may still be confirmed. */
  function tellEnd(attachment: Attachment, code: ErrorCode): void {
    const { outlet, record } = attachment;
    if (attachment.isEndTold) return;
    attachment.isEndTold = true;
    outlet.notify({ type: 'error', ...refusal(code, record.correlationId), run_id: record.run });
  }

  /** The log cannot be read now: with the run's next event it is tried again; after the last nobody would. */
  function leftBehind(attachment: Attachment, thrown: unknown): void {
    witness.storeFailed('read', attachment.record, thrown);
    if (attachment.record.ended !== null) giveUp(attachment, 'STORE_UNAVAILABLE');
  }

  function attachment(outlet: Outlet, record: RunRecord, cursor: number): Attachment {
    const made: Attachment = {
      outlet,
      record,
      from: cursor,
      cursor,
      current: false,
      catching: null,
      overdue: null,
      confirmedThen: 0,
      cursorThen: 0,
      sentAgain: 0,
      isEndTold: false,
    };
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
    leave(found);
  }

  function leave(attachment: Attachment): void {
    attachment.overdue?.();
    attachment.record.attachments.delete(attachment);
  }

  /** Sends from the log until the connection has all that the run has; once at a time. */
  function catchUp(attachment: Attachment): Promise<void> {
    attachment.current = false;
    attachment.catching ??= sendFromLog(attachment);
    return attachment.catching;
  }

  async function sendFromLog(attachment: Attachment): Promise<void> {
    const { outlet, record } = attachment;
    try {
      if (outlet.unsent >= unreadMax) await drained(outlet);
      while (outlet.isOpen && record.attachments.has(attachment)) {
        const from = attachment.cursor;
        const due = record.appended;
        const entries = await log.read(record, from, batch);
        if (!(await sendAll(attachment, entries))) return;
        // The client went back meanwhile.
        if (attachment.cursor < from) continue;
        if (entries.length >= batch) {
          await drained(outlet);
          continue;
        }
        // What has become durable since the read is not lost: it is read next.
        if (entries.length === 0 && attachment.cursor < due) skip(attachment, due + 1);
        // Nothing is awaited between this look and `current`.
        if (attachment.cursor >= record.appended) {
          attachment.current = true;
          return;
        }
      }
    } finally {
      attachment.catching = null;
    }
  }

  /** False where the connection is gone: what it does not get is not lost, it can be had on the next one. */
  async function sendAll(attachment: Attachment, entries: readonly LoggedEvent[]): Promise<boolean> {
    const { outlet } = attachment;
    let unread = 0;
    for (const { sequence, text } of entries) {
      if (!outlet.isOpen) return false;
      const { cursor } = attachment;
      if (sequence <= cursor) continue;
      if (sequence > cursor + 1) skip(attachment, sequence);
      send(attachment, sequence, text);
      unread += text.length;
      if (unread < unreadMax) continue;
      // All at once, a long run would look like a reader that is too slow.
      await drained(outlet);
      unread = 0;
      // The client went back meanwhile: what it lacks now is read again.
      if (attachment.cursor < sequence) return true;
    }
    return true;
  }

  /** Resolves when the reader took all that was sent, or is gone: it goes where it takes nothing for too long. */
  async function drained(outlet: Outlet): Promise<void> {
    if (outlet.unsent === 0) return;
    let isDone = false;
    const flushed = outlet.flushed().then(() => {
      isDone = true;
    });
    for (let before = outlet.unsent; ; before = outlet.unsent) {
      let cancel = (): void => {};
      const waited = new Promise<void>((resolve) => {
        cancel = clock.after(slowReaderMs, resolve);
      });
      await Promise.race([flushed, waited]);
      cancel();
      if (isDone || !outlet.isOpen) return;
      if (outlet.unsent >= before) outlet.tooSlow();
    }
  }

  /** Owns up to events that the log does not hold any more; where the end is one of them, nothing follows it. */
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
    if (hasAll(attachment)) tellEnd(attachment, codeOfLost(record));
  }

  function awaitConfirmation(attachment: Attachment): void {
    attachment.confirmedThen = attachment.record.confirmed;
    attachment.cursorThen = attachment.cursor;
    attachment.overdue = clock.after(confirmMs * 2 ** attachment.sentAgain, () => {
      attachment.overdue = null;
      void seeToConfirmation(attachment).catch((thrown: unknown) => leftBehind(attachment, thrown));
    });
  }

  /**
   * The oldest event that the client may lack is sent again, and the last that was sent, by whose number a
   * client sees what it lacks, where they have been on their way for the whole time; one that came already is
   * dropped by its number. A client that then confirms is there, and gets at once what follows; one that stays
   * silent costs no more. Where the log is lost with the end in it, the client is told how the run ended: nothing
   * will come by which it could see that it lacks that.
   */
  async function seeToConfirmation(attachment: Attachment): Promise<void> {
    const { outlet, record } = attachment;
    if (!outlet.isOpen || attachment.cursor <= record.confirmed) return;
    // Something moves, or cannot move yet.
    if (record.confirmed > attachment.confirmedThen || attachment.catching !== null) attachment.sentAgain = 0;
    else if (attachment.sentAgain >= sentAgainMost) {
      surface(record.user, [record]);
      return;
    } else {
      attachment.sentAgain += 1;
      const { cursor, cursorThen } = attachment;
      const oldest = await sendAgain(attachment, heldBy(attachment) + 1, cursorThen);
      if (oldest === null && record.state === 'ended') {
        tellEnd(attachment, codeOfLost(record));
        surface(record.user, [record]);
        return;
      }
      if (cursor > (oldest ?? 0) && cursor === cursorThen) await sendAgain(attachment, cursor, cursorThen);
    }
    if (attachment.overdue === null && record.attachments.has(attachment)) awaitConfirmation(attachment);
  }

  /** Sends the first event that the log holds between the two, and says which; 0 where none is due, null where all are gone. */
  async function sendAgain(place: Attachment, first: number, last: number): Promise<number | null> {
    const [event] = await log.read(place.record, first - 1, 1);
    // It may have been confirmed while it was read.
    if (!place.outlet.isOpen || heldBy(place) >= last) return 0;
    if (event === undefined) return null;
    if (event.sequence > last || event.sequence <= heldBy(place)) return 0;
    place.outlet.send(event.text);
    witness.sentAgain(1);
    return event.sequence;
  }

  /** Nobody confirmed these runs' events, and nobody is left to ask: the user is told at the next connection. */
  function surface(user: string, records: readonly RunRecord[]): void {
    const runs: Unconfirmed[] = [];
    for (const record of records) {
      if (record.surfaced || record.confirmed >= record.appended) continue;
      record.surfaced = true;
      witness.unconfirmed(record, record.appended - record.confirmed);
      runs.push({ run: record.run, confirmed: record.confirmed, sent: record.appended });
    }
    const [first] = records;
    if (runs.length === 0 || first === undefined) return;
    log
      .keepUnconfirmed(user, runs)
      .catch((thrown: unknown) => witness.storeFailed('unconfirmed', first, thrown));
  }

  /** A run that this process does not work on, as the store knows it. */
  async function recall(key: RunKey): Promise<RunRecord> {
    const standing = await log.look(key);
    if (standing === null) throw new PipelineError('RUN_UNKNOWN');
    const { gateway } = standing;
    const isElsewhere = !standing.ended && gateway !== lease.gateway && (await lease.isHeldBy(gateway));
    // It may have been looked up twice at once, or been accepted meanwhile.
    const known = knownAs(key);
    if (known !== undefined) return known;
    const record = recordOf({ ...key, ...standing }, gateway);
    record.confirmed = standing.confirmed;
    record.confirmedStored = standing.confirmed;
    record.recalled = true;
    record.state = standing.ended ? 'ended' : isElsewhere ? 'elsewhere' : 'broken';
    if (isElsewhere) void follow(record);
    return record;
  }

  function knownAs(key: RunKey): RunRecord | undefined {
    const name = keyOf(key);
    return live.get(name) ?? followed.get(name) ?? unwritten.get(name);
  }

  /** Looks for what another process appends, until the run has ended there, or that process is dead. */
  async function follow(record: RunRecord): Promise<void> {
    if (record.isFollowed) return;
    record.isFollowed = true;
    followed.set(keyOf(record), record);
    do {
      await new Promise<void>((resolve) => clock.after(followMs, resolve));
      await lookElsewhere(record).catch((thrown: unknown) => witness.storeFailed('read', record, thrown));
    } while (record.attachments.size > 0 && (record.state === 'elsewhere' || isSomeoneBehind(record)));
    record.isFollowed = false;
    // It may have been recalled anew by whoever came between two looks of somebody slow.
    if (followed.get(keyOf(record)) === record) followed.delete(keyOf(record));
  }

  async function lookElsewhere(record: RunRecord): Promise<void> {
    if (record.attachments.size === 0) return;
    const before = record.appended;
    const last = await lookAtLast(record);
    if (record.appended === before && record.state === 'elsewhere') {
      if (!(await lease.isHeldBy(record.gateway))) await writeEnd(record, 'RUN_INTERRUPTED');
      // Its log is lost: if it had not ended by then, its own process fails it, too.
      else if (last === null && before > 0)
        for (const attachment of [...record.attachments]) giveUp(attachment, 'STORE_UNAVAILABLE');
    }
    // What was appended may have been learnt meanwhile, on the way to take a confirmation.
    if (isSomeoneBehind(record)) await allCatchUp(record, 'STORE_UNAVAILABLE');
  }

  async function resume(outlet: Outlet, runId: string, after: number): Promise<boolean> {
    const has = attached.get(outlet)?.get(runId);
    if (has !== undefined) {
      // Who asks again is answered again.
      has.isEndTold = false;
      await goBack(has, after);
      return hasAll(has);
    }
    const key = { user: outlet.userId, run: runId };
    const record = knownAs(key) ?? (await recall(key));
    if (record.state === 'broken') {
      const last = await log.last(record);
      if (last === null && record.confirmed > 0 && record.code === undefined)
        throw new PipelineError('EVENTS_EXPIRED', { detail: 'its process died' });
      const written = await writeEnd(record, record.code ?? 'RUN_INTERRUPTED');
      // The store lost what the client has: there is no number under which the client could be sent the end.
      if (written && after >= record.appended) throw new PipelineError(record.code ?? 'RUN_INTERRUPTED');
    } else if (record.state !== 'live') {
      const last = await lookAtLast(record);
      if (last === null && record.state === 'ended') throw new PipelineError('EVENTS_EXPIRED');
    }
    if (after > record.appended)
      throw new PipelineError('MESSAGE_MALFORMED', { detail: 'after: beyond the last event' });
    if (!outlet.isOpen) return false;
    // It may have been resumed twice at once.
    const place = attached.get(outlet)?.get(runId) ?? attachment(outlet, record, after);
    // Where the store was slow, whoever followed it saw nobody here and left.
    if (record.state === 'elsewhere') void follow(record);
    try {
      await catchUp(place);
      return hasAll(place);
    } catch (thrown) {
      forget(outlet, runId);
      throw thrown;
    }
  }

  /** The client lacks what follows `after`, whatever was sent: it goes out again, with the same numbers. */
  async function goBack(place: Attachment, after: number): Promise<void> {
    if (place.record.state === 'elsewhere') await lookAtLast(place.record);
    if (after > place.record.appended)
      throw new PipelineError('MESSAGE_MALFORMED', { detail: 'after: beyond the last event' });
    place.from = after;
    place.cursor = after;
    await catchUp(place);
  }

  async function confirm(outlet: Outlet, runId: string, sequence: number): Promise<void> {
    const key = { user: outlet.userId, run: runId };
    const has = attached.get(outlet)?.get(runId);
    const record = has?.record ?? knownAs(key) ?? (await recall(key));
    if (record.state === 'elsewhere' || (has === undefined && record.state !== 'live')) {
      const event = await lookAtLast(record);
      if (event === null && sequence > record.appended && hadEvents(record)) {
        // The log is lost: up to where it went its client alone knows, and all that is left of it is the question.
        await log.forgetUnconfirmed(record);
        return;
      }
    }
    const last = record.appended;
    if (sequence > last)
      throw new PipelineError('MESSAGE_MALFORMED', { detail: 'sequence: beyond the last event' });
    if (sequence > record.confirmed) {
      witness.confirmed(sequence - record.confirmed);
      record.confirmed = sequence;
      if (has !== undefined) hasConfirmed(has);
      if (sequence === last && (record.surfaced || record.recalled)) await log.forgetUnconfirmed(record);
    }
    // Of a run of another process the standing is that one's to write.
    if (record.state === 'elsewhere') return;
    // One write at a time; while it is on its way only the highest number waits.
    if (record.confirming || record.confirmed <= record.confirmedStored) return;
    record.confirming = true;
    try {
      while (record.confirmedStored < record.confirmed) {
        const next = record.confirmed;
        await log.keep(standingOf(record));
        record.confirmedStored = next;
      }
    } catch (thrown) {
      witness.storeFailed('confirm', record, thrown);
      throw thrown;
    } finally {
      record.confirming = false;
    }
  }

  /** What the log says of a run that is not written here. */
  async function lookAtLast(record: RunRecord): Promise<LoggedEvent | null> {
    const last = await log.last(record);
    const type = last === null ? null : endOf(last);
    if (last !== null) record.appended = Math.max(record.appended, last.sequence);
    if (type !== null) hasEnded(record, type);
    return last;
  }

  function hasConfirmed(place: Attachment): void {
    const { outlet, record, sentAgain } = place;
    place.sentAgain = 0;
    if (record.confirmed >= record.appended && record.state === 'ended') forget(outlet, record.run);
    else if (sentAgain > 0 && heldBy(place) < place.cursor)
      goBack(place, heldBy(place)).catch((thrown: unknown) => leftBehind(place, thrown));
  }

  return {
    async accept(run, outlet) {
      await lease.hold();
      if (!(await log.accept(run, { ...run, gateway: lease.gateway }))) return null;
      const record = recordOf(run, lease.gateway);
      live.set(keyOf(record), record);
      // A client that left meanwhile was detached already: nobody would do it again.
      if (outlet.isOpen) attachment(outlet, record, 0).current = true;
      const queue = new EventQueue((events) => append(record, events), entryEventsMax);
      let numbered = 0;
      return {
        emit: (type, agent, payload, pace = 'at-once') => {
          numbered += 1;
          const text = eventText(record, numbered, type, agent, payload);
          return queue.add({ sequence: numbered, type, text }, pace);
        },
        ended: () => record.ended,
        fail: (code) => fail(record, queue, code),
        tell: (notice) => {
          for (const { outlet } of record.attachments) outlet.notify(notice);
        },
      };
    },
    resume,
    confirm,
    async greet(outlet) {
      const user = outlet.userId;
      try {
        for (const { run, confirmed, sent } of await log.unconfirmed(user))
          outlet.notify({ type: 'events_unconfirmed', run_id: run, confirmed, sent });
      } catch (thrown) {
        witness.storeFailed('unconfirmed', { user, run: '' }, thrown);
      }
    },
    detach(outlet) {
      const left = [...(attached.get(outlet)?.values() ?? [])];
      attached.delete(outlet);
      for (const place of left) leave(place);
      const over = left
        .map(({ record }) => record)
        .filter(({ state, attachments }) => state === 'ended' && attachments.size === 0);
      surface(outlet.userId, over);
    },
    async settle() {
      lease.renew();
      await writeUnwritten();
    },
    close() {
      isClosed = true;
      unwrittenDue?.();
    },
  };
}

/** What this process knows of a run: numbers, never events. */
interface RunRecord extends AcceptedRun {
  readonly gateway: string;
  /** `broken`: takes no more events, and has no end in the log yet. `elsewhere`: another process works on it. */
  state: 'live' | 'broken' | 'elsewhere' | 'ended';
  ended: 'run_completed' | 'run_failed' | null;
  /** Why it failed, where its end could not be written. */
  code?: ErrorCode;
  /** The last sequence number that is durable. */
  appended: number;
  /** Received from the user, and written to the store. */
  confirmed: number;
  confirmedStored: number;
  confirming: boolean;
  /** The end is being written. */
  ending: Promise<boolean> | null;
  /** The user will be told that events are unconfirmed; or may have been, by an earlier process. */
  surfaced: boolean;
  recalled: boolean;
  /** Somebody here looks for what another process appends. */
  isFollowed: boolean;
  readonly attachments: Set<Attachment>;
  /** Of the run and its thread, as its events' texts hold them. */
  names?: string;
}

/** One connection's place in one run. */
interface Attachment {
  readonly outlet: Outlet;
  readonly record: RunRecord;
  /** What its client said that it has, when it last asked: what it confirmed may be less. */
  from: number;
  /** The last sequence number that was sent on it. */
  cursor: number;
  /** It has all that is durable, and gets each new event as it comes. */
  current: boolean;
  catching: Promise<void> | null;
  /** Undoes the timer that waits for a confirmation. */
  overdue: (() => void) | null;
  /** What was confirmed when it was set, and what had been sent. */
  confirmedThen: number;
  cursorThen: number;
  /** How often an event was sent again since one was confirmed. */
  sentAgain: number;
  /** The end came as a notice. */
  isEndTold: boolean;
}

function recordOf(run: AcceptedRun, gateway: string): RunRecord {
  return {
    user: run.user,
    run: run.run,
    threadId: run.threadId,
    correlationId: run.correlationId,
    gateway,
    state: 'live',
    ended: null,
    appended: 0,
    confirmed: 0,
    confirmedStored: 0,
    confirming: false,
    ending: null,
    surfaced: false,
    recalled: false,
    isFollowed: false,
    attachments: new Set(),
  };
}

/** What is told of an ended run whose end is lost: how it failed, where this process knows that. */
function codeOfLost({ code }: RunRecord): ErrorCode {
  return code ?? 'EVENTS_EXPIRED';
}

/** Up to here the client has every event, by its own word. */
function heldBy({ from, record }: Attachment): number {
  return Math.max(from, record.confirmed);
}

/** Of a run that nobody works on, though its log be empty now. */
function hadEvents({ state, confirmed }: RunRecord): boolean {
  return state === 'ended' || (state === 'broken' && confirmed > 0);
}

function hasAll({ cursor, record }: Attachment): boolean {
  return record.state === 'ended' && cursor >= record.appended;
}

function isSomeoneBehind({ appended, attachments }: RunRecord): boolean {
  return [...attachments].some(({ cursor, outlet }) => cursor < appended && outlet.isOpen);
}

function standingOf(record: RunRecord): KnownRun {
  return { ...record, ended: record.state === 'ended' };
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
