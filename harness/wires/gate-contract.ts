import type { WorldClock } from '../clock.ts';
import type { Director } from '../director.ts';
import type { Direction, Message, MessageDraft } from '../message.ts';

/**
 * A gate stands in one connection of a byte wire (client, redis), cuts both streams into messages, and
 * carries out what the director decides. The same gate works over in-memory streams in simulation and
 * over sockets in the real world.
 */
export interface GateOptions {
  readonly protocol: WireProtocol;
  readonly director: Director;
  readonly clock: WorldClock;
  /** Milliseconds that a message takes on its way; absent: none. Order within a direction is kept. */
  latency?(message: Message): number;
}

/** One end of a connection, as the gate drives it. */
export interface GateEnd {
  /** `parsed`: what the bytes mean, where the protocol knows (redis: the command's arguments), to spare a second parse. */
  write(bytes: Buffer, parsed?: unknown): void;
  /** No more bytes from the other side. */
  end(): void;
  /** The connection broke. */
  reset(): void;
}

/** The gate of one connection: the carrier calls these with what comes from either end. */
export interface GateConnection {
  /** `whole`: the bytes are exactly one message. */
  fromClient(bytes: Buffer, whole?: boolean): void;
  fromServer(bytes: Buffer, whole?: boolean): void;
  clientEnded(): void;
  serverEnded(): void;
  clientReset(): void;
  serverReset(): void;
}

/** How a wire's bytes are cut into messages; `open` is called once for each connection. */
export interface WireProtocol {
  open(): ProtocolConnection;
}

/** Both directions share what they know: replies are named after requests, frames after the token of the upgrade. */
export interface ProtocolConnection {
  request(bytes: Buffer, whole?: boolean): Unit[];
  reply(bytes: Buffer, whole?: boolean): Unit[];
  /** What is held back of a message that will never be whole, because its direction has ended. */
  rest(direction: Direction): Unit[];
  /**
   * This request is answered with an error and not forwarded: the replies that are due now (its own waits for
   * those before it); null where the wire has no such answer.
   */
  fail(unit: Unit, error: string): Unit[] | null;
  /** This request is forwarded twice: the reply to the second is kept from the client. */
  repeat(unit: Unit): void;
  /** The unit with its bytes damaged, such that the receiver's parser meets it. */
  garbled(unit: Unit): Buffer;
  /** The same message as so many of the wire's frames; null where it cannot be one of several. */
  fragmented(unit: Unit, frames: number): Buffer | null;
  /** What ends the connection with this code, towards the receiver of a direction; null where nothing can yet. */
  closing(direction: Direction, code: number): Buffer | null;
  /** Whether nothing can follow a dropped unit: the direction falls silent with it. */
  silences(unit: Unit): boolean;
}

/** A stretch of bytes that is one message; `draft` null: bytes that are no message of their own and always pass. */
export interface Unit {
  readonly bytes: Buffer;
  readonly draft: MessageDraft | null;
  readonly parsed?: unknown;
  /** A request to which one reply comes that `answers` it. */
  readonly asks?: boolean;
  /** The request that this reply answers. */
  readonly answers?: Unit;
  /** The connection ends after it. */
  readonly last?: boolean;
}
