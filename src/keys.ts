/**
 * The one place that knows how Redis keys are made. Every key but those of a gateway names its user; every key of a
 * run names the run. User and run ids hold no colon (`messages.ts`), so a key can be read back.
 *
 *   <prefix>u:<user>:r:<run>:state     string  what the run has found so far (JSON)
 *   <prefix>u:<user>:r:<run>:events    stream  the durable event log; one entry per event, fields `n` (sequence) and `e` (JSON)
 *   <prefix>u:<user>:r:<run>:delivery  string  who accepted the run, its thread, whether it ended, and the last confirmed sequence number (JSON)
 *   <prefix>u:<user>:unconfirmed           hash    runs whose events were sent and never confirmed: how far each came (JSON)
 *   <prefix>u:<user>:cache:<agent>:<hash>  string  an agent's outcome for the same input (JSON)
 *   <prefix>u:<user>:revoked:<token id>    string  set by whoever revokes a token; anything
 *   <prefix>u:<user>:slot:<n>             string  which of the user's runs has this slot (`slotText`)
 *   <prefix>g:<gateway>                string  a gateway process lives; expires by itself when it does not
 *   <prefix>p:<gateway>                string  written, read and deleted by a gateway that starts
 */
export interface Keys {
  state(user: string, run: string): string;
  events(user: string, run: string): string;
  delivery(user: string, run: string): string;
  cached(user: string, agent: string, hash: string): string;
  revoked(user: string, tokenId: string): string;
  unconfirmed(user: string): string;
  slot(user: string, slot: number): string;
  gateway(gateway: string): string;
  probe(gateway: string): string;
}

export function keysUnder(prefix: string): Keys {
  return {
    state: (user, run) => `${prefix}u:${user}:r:${run}:state`,
    events: (user, run) => `${prefix}u:${user}:r:${run}:events`,
    delivery: (user, run) => `${prefix}u:${user}:r:${run}:delivery`,
    cached: (user, agent, hash) => `${prefix}u:${user}:cache:${agent}:${hash}`,
    revoked: (user, tokenId) => `${prefix}u:${user}:revoked:${tokenId}`,
    unconfirmed: (user) => `${prefix}u:${user}:unconfirmed`,
    slot: (user, slot) => `${prefix}u:${user}:slot:${slot}`,
    gateway: (gateway) => `${prefix}g:${gateway}`,
    probe: (gateway) => `${prefix}p:${gateway}`,
  };
}

/** What a key is about; null for a key that is not ours. `what` is `state`, `events`, `delivery`, `cache.<agent>`, `revoked`, `unconfirmed`, `slot`, `gateway` or `probe`. */
export interface KeyMeaning {
  /** Absent for a gateway's. */
  readonly user?: string;
  readonly run?: string;
  readonly what: string;
}

export function readKey(prefix: string, key: string): KeyMeaning | null {
  if (!key.startsWith(prefix)) return null;
  const parts = key.slice(prefix.length).split(':');
  const [root, user, kind, third, fourth] = parts;
  if (user === undefined) return null;
  if (root === 'g') return { what: 'gateway' };
  if (root === 'p') return { what: 'probe' };
  if (root !== 'u') return null;
  if (kind === 'unconfirmed' && parts.length === 3) return { user, what: 'unconfirmed' };
  if (third === undefined) return null;
  if ((kind === 'revoked' || kind === 'slot') && parts.length === 4) return { user, what: kind };
  if (fourth === undefined) return null;
  if (kind === 'r' && parts.length === 5) return { user, run: third, what: fourth };
  if (kind === 'cache' && parts.length === 5) return { user, what: `cache.${third}` };
  return null;
}

/** What stands in a slot: the run that has it, and by which try. */
export function slotText(run: string, correlationId: string): string {
  return `${run}:${correlationId}`;
}

/** The run in such a text; undefined for another text. */
export function runInSlot(text: string): string | undefined {
  const end = text.indexOf(':');
  return end > 0 ? text.slice(0, end) : undefined;
}
