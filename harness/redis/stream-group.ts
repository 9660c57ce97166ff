import { printId, type StreamId } from './stream-id.ts';

/** An entry that was delivered to a consumer and not confirmed yet. */
export interface Pending {
  readonly id: StreamId;
  consumer: StreamConsumer;
  deliveredAt: number;
  deliveries: number;
}

export interface StreamConsumer {
  readonly name: string;
  /** By printed id. */
  readonly pending: Map<string, Pending>;
  seenAt: number;
}

/** A consumer group of a stream. */
export class StreamGroup {
  lastId: StreamId;
  /** How many of the stream's entries the group has read; null: cannot be told. */
  entriesRead: number | null;
  /** By printed id. */
  readonly pending = new Map<string, Pending>();
  readonly consumers = new Map<string, StreamConsumer>();

  constructor(lastId: StreamId, entriesRead: number | null) {
    this.lastId = lastId;
    this.entriesRead = entriesRead;
  }

  /** The consumer of this name, made at need. */
  consumer(name: string, now: number): StreamConsumer {
    const known = this.consumers.get(name);
    if (known !== undefined) {
      known.seenAt = now;
      return known;
    }
    const consumer: StreamConsumer = { name, pending: new Map(), seenAt: now };
    this.consumers.set(name, consumer);
    return consumer;
  }

  deliver(id: StreamId, consumer: StreamConsumer, now: number): void {
    const key = printId(id);
    const owned = this.pending.get(key);
    if (owned !== undefined) {
      owned.consumer.pending.delete(key);
      owned.consumer = consumer;
      owned.deliveredAt = now;
      owned.deliveries = 1;
      consumer.pending.set(key, owned);
      return;
    }
    const pending: Pending = { id, consumer, deliveredAt: now, deliveries: 1 };
    this.pending.set(key, pending);
    consumer.pending.set(key, pending);
  }

  /** Whether the entry was pending. */
  acknowledge(id: StreamId): boolean {
    const key = printId(id);
    const pending = this.pending.get(key);
    if (pending === undefined) return false;
    this.pending.delete(key);
    pending.consumer.pending.delete(key);
    return true;
  }

  /** How many entries were pending with the consumer that goes. */
  removeConsumer(name: string): number {
    const consumer = this.consumers.get(name);
    if (consumer === undefined) return 0;
    for (const key of consumer.pending.keys()) this.pending.delete(key);
    this.consumers.delete(name);
    return consumer.pending.size;
  }
}
