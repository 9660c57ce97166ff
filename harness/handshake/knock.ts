import { z } from 'zod';

/** What a client shows to be let in. Only `good` entitles to anything. */
export const tokenKinds = [
  'good',
  'none',
  'malformed',
  'expired',
  'other-key',
  'unsigned',
  'other-audience',
] as const;

/** `usual`: the subprotocol first, then the token. */
export const offers = ['usual', 'token-first', 'without-subprotocol'] as const;

/** `none` is what a client sends that is no browser. */
export const originKinds = ['none', 'foreign', 'null'] as const;

/** A moment of a handshake: its last byte was sent, the server has answered, the server says that it is ready. */
export const moments = ['upgrade', 'answer', 'welcome'] as const;

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
const ms = z.number().int().min(0).max(60_000);
const moment = z.enum(moments);

/**
 * One try to be let in, as data: what is shown, how the bytes come, what is said when, and how it ends. It
 * names no path, header or message of any server: `Front` says what those are.
 */
export const knock = z.strictObject({
  do: z.literal('knock'),
  token: z.enum(tokenKinds),
  offer: z.enum(offers),
  origin: z.enum(originKinds),
  /** So many connections at the same instant, each of which does the same. */
  atOnce: z.number().int().min(1).max(20),
  /** In how many pieces the upgrade comes, and the milliseconds between two. */
  pieces: z.number().int().min(1).max(50),
  betweenMs: ms,
  /** What is said, in this order; each as soon as its moment has come. */
  says: z
    .array(
      z.discriminatedUnion('what', [
        /** Asks for a sign of life. */
        z.strictObject({ at: moment, what: z.literal('ping') }),
        /** Asks for a run. */
        z.strictObject({ at: moment, what: z.literal('start'), run: id }),
        /** Asks for the events of a run after the one with this number. */
        z.strictObject({
          at: moment,
          what: z.literal('resume'),
          run: id,
          after: z.number().int().min(0).max(1_000_000),
        }),
      ]),
    )
    .max(200),
  /** Goes so long after a moment, with a FIN or a reset, whatever it still waits for; absent: stays until all is answered. */
  leaves: z.strictObject({ after: moment, ms, by: z.enum(['fin', 'reset']) }).exactOptional(),
  /** How long it stays when it has all that it waits for. */
  staysMs: ms,
  /** False: from the welcome on it says nothing any more and answers no ping, as a peer that is dead. */
  answersPings: z.boolean(),
});

export type Knock = z.infer<typeof knock>;
export type Said = Knock['says'][number];
export type Moment = (typeof moments)[number];

/** Whether a server has any reason to let it in. */
export function isEntitled({ token, offer, origin }: Knock): boolean {
  return token === 'good' && offer !== 'without-subprotocol' && origin === 'none';
}
