/**
 * All that a pipeline exchanges is a message on a named wire. Adding a wire: add its name here, and each
 * world says how it carries it.
 */
export const wireNames = ['client', 'redis', 'model', 'tool', 'agent'] as const;
export type WireName = (typeof wireNames)[number];

/** `request`: towards the server, the store, the model, the tool, the agent. `reply`: back. */
export type Direction = 'request' | 'reply';

/**
 * One message, named so that the name survives a change of world.
 *
 * kinds by wire
 *   client  request: `upgrade`, the frame's `type` (`start_agent`, `event_confirmation`, …), `close`, `text` (not JSON)
 *           reply:   `upgrade`, the frame's `type` (`agent_started`, …), `close`
 *   redis   `<command>.<what>` in lower case, e.g. `xadd.events`, `get.cache.triage`, `info`
 *   model   request: `<agent>`; reply: `<agent>` for each streamed chunk, in order
 *   tool    the tool's name (request: the call, reply: its result)
 *   agent   the agent's name (request: its input, reply: its result)
 */
export interface Message {
  readonly wire: WireName;
  readonly direction: Direction;
  readonly user?: string;
  readonly run?: string;
  readonly kind: string;
  /** 1, 2, 3… among the messages of the same wire, direction, user, run and kind; never a global count. */
  readonly count: number;
  /** All of it as text: `redis>alice/run-1/xadd.events#3` (`>` request, `<` reply; `-` where there is no user or run). */
  readonly name: string;
}

/** A message before it was counted. */
export type MessageDraft = Omit<Message, 'count' | 'name'>;

/** The name without the count: what is counted together. */
export function seriesOf(message: MessageDraft): string {
  const arrow = message.direction === 'request' ? '>' : '<';
  return `${message.wire}${arrow}${message.user ?? '-'}/${message.run ?? '-'}/${message.kind}`;
}

/** Which messages are meant. What is left out matches anything. */
export interface Pattern {
  readonly wire: WireName;
  readonly direction?: Direction;
  readonly user?: string;
  readonly run?: string;
  readonly kind?: string;
  readonly count?: number;
}

export function matches(pattern: Pattern, message: Omit<Message, 'name'>): boolean {
  return (
    pattern.wire === message.wire &&
    (pattern.direction === undefined || pattern.direction === message.direction) &&
    (pattern.user === undefined || pattern.user === message.user) &&
    (pattern.run === undefined || pattern.run === message.run) &&
    (pattern.kind === undefined || pattern.kind === message.kind) &&
    (pattern.count === undefined || pattern.count === message.count)
  );
}

/** Counts drafts into messages; one for each play. */
export class MessageCounter {
  readonly #counts = new Map<string, number>();

  count(draft: MessageDraft): Message {
    const series = seriesOf(draft);
    const count = (this.#counts.get(series) ?? 0) + 1;
    this.#counts.set(series, count);
    // Written out: every message of a play passes here, and spreading costs several times as much.
    const message: { -readonly [key in keyof Message]: Message[key] } = {
      wire: draft.wire,
      direction: draft.direction,
      kind: draft.kind,
      count,
      name: `${series}#${count}`,
    };
    if (draft.user !== undefined) message.user = draft.user;
    if (draft.run !== undefined) message.run = draft.run;
    return message;
  }
}
