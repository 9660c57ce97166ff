import { globOf } from './glob.ts';
import { arrayHead, bulk } from './reply.ts';
import type { Session } from './session.ts';

/** Who has subscribed to which channels and patterns. */
export class Publications {
  readonly #channels = new Map<string, Set<Session>>();
  readonly #patterns = new Map<
    string,
    { readonly sessions: Set<Session>; matches(channel: string): boolean }
  >();

  subscribe(session: Session, channel: string): void {
    session.channels.add(channel);
    const sessions = this.#channels.get(channel);
    if (sessions === undefined) this.#channels.set(channel, new Set([session]));
    else sessions.add(session);
  }

  unsubscribe(session: Session, channel: string): void {
    session.channels.delete(channel);
    const sessions = this.#channels.get(channel);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#channels.delete(channel);
  }

  subscribePattern(session: Session, pattern: string): void {
    session.patterns.add(pattern);
    const known = this.#patterns.get(pattern);
    if (known === undefined) {
      this.#patterns.set(pattern, { sessions: new Set([session]), matches: globOf(pattern) });
    } else {
      known.sessions.add(session);
    }
  }

  unsubscribePattern(session: Session, pattern: string): void {
    session.patterns.delete(pattern);
    const known = this.#patterns.get(pattern);
    known?.sessions.delete(session);
    if (known?.sessions.size === 0) this.#patterns.delete(pattern);
  }

  /** How many got it. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const session of this.#channels.get(channel) ?? []) {
      session.deliver(arrayHead(3) + bulk('message') + bulk(channel) + bulk(message));
      receivers += 1;
    }
    for (const [pattern, { sessions, matches }] of this.#patterns) {
      if (!matches(channel)) continue;
      for (const session of sessions) {
        session.deliver(arrayHead(4) + bulk('pmessage') + bulk(pattern) + bulk(channel) + bulk(message));
        receivers += 1;
      }
    }
    return receivers;
  }

  forget(session: Session): void {
    for (const channel of session.channels) this.unsubscribe(session, channel);
    for (const pattern of session.patterns) this.unsubscribePattern(session, pattern);
  }

  /** Channels that someone has subscribed to. */
  channels(): string[] {
    return [...this.#channels.keys()];
  }

  subscribers(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  get patternCount(): number {
    return this.#patterns.size;
  }
}
