import { z } from 'zod';
import type { Contamination, Fault, ScheduleConstraint } from './fault.ts';
import { knock } from './handshake/knock.ts';
import { wireNames } from './message.ts';
import { agentPlaces } from './misbehaviour.ts';
import type { ProcessFault } from './process-fault.ts';
import { lackedDependencies, lackStates, type StartupLack } from './startup.ts';

/**
 * A case: one file that replays anywhere. Plain data; what is alive in it is named by recipe. Limits are
 * there so that a case file from elsewhere can do no harm; they are far above what generators make.
 */
export const caseSchemaId = 'faultline.case/1';

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
const ms = z.number().int().min(0).max(600_000);

const pattern = z.strictObject({
  wire: z.enum(wireNames),
  direction: z.enum(['request', 'reply']).exactOptional(),
  user: id.exactOptional(),
  run: id.exactOptional(),
  kind: z.string().max(100).exactOptional(),
  count: z.number().int().min(1).max(1_000_000).exactOptional(),
});

const fate = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('delay'), ms }),
  z.strictObject({ do: z.literal('hold'), until: pattern, atMostMs: ms }),
  z.strictObject({ do: z.literal('drop') }),
  z.strictObject({ do: z.literal('duplicate') }),
  z.strictObject({ do: z.literal('reorder') }),
  z.strictObject({ do: z.literal('garble') }),
  z.strictObject({ do: z.literal('fail'), error: z.string().max(200) }),
  z.strictObject({
    do: z.literal('cut'),
    when: z.enum(['before', 'after']),
    by: z.literal('fin').exactOptional(),
  }),
  z.strictObject({ do: z.literal('half-open'), swallows: z.enum(['both', 'this']) }),
  z.strictObject({ do: z.literal('stall'), ms }),
  z.strictObject({ do: z.literal('split'), pieces: z.number().int().min(2).max(100) }),
  z.strictObject({ do: z.literal('fragment'), frames: z.number().int().min(2).max(100) }),
  z.strictObject({ do: z.literal('close'), code: z.number().int().min(1000).max(4999) }),
  z.strictObject({
    do: z.literal('swell'),
    bytes: z
      .number()
      .int()
      .min(1)
      .max(16 * 1024 * 1024),
  }),
  z.strictObject({ do: z.literal('hang') }),
  z.strictObject({ do: z.literal('return-nothing') }),
  z.strictObject({ do: z.literal('spin') }),
  z.strictObject({ do: z.literal('exhaust'), what: z.enum(['heap', 'buffers']) }),
  z.strictObject({ do: z.literal('exit') }),
]);

/** Longer than this a process is neither away nor in a bad way. */
const badMs = z.number().int().min(0).max(60_000);
const dayMs = 86_400_000;

const processFate = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('kill-gateway'),
    gateway: z.literal([1, 2]).exactOptional(),
    backAfterMs: badMs,
  }),
  z.strictObject({ do: z.literal('kill-redis'), backAfterMs: badMs, data: z.enum(['kept', 'lost']) }),
  z.strictObject({ do: z.literal('stall-redis'), ms: badMs }),
  z.strictObject({ do: z.literal('fill-redis'), ms: badMs }),
  z.strictObject({ do: z.literal('read-only-redis'), ms: badMs }),
  z.strictObject({
    do: z.literal('fill-memory'),
    bytes: z
      .number()
      .int()
      .min(1)
      .max(2 ** 30),
    ms: badMs,
  }),
  z.strictObject({ do: z.literal('model-down'), ms: badMs }),
  z.strictObject({ do: z.literal('jump-clock'), byMs: z.number().int().min(-dayMs).max(dayMs) }),
]);

/** One thing that a user does; a user does them one after the other. */
const action = z.discriminatedUnion('do', [
  /** Opens the user's connection (closing an open one first is a `leave`). */
  z.strictObject({ do: z.literal('connect') }),
  /** Asks, and waits until the run has ended or the user gives up (`patienceMs`). */
  z.strictObject({ do: z.literal('ask'), run: id, thread: id, request: z.string().min(1).max(10_000) }),
  z.strictObject({ do: z.literal('wait'), ms }),
  /** Drops the connection without a word; the next `connect` resumes every run that has not ended. */
  z.strictObject({ do: z.literal('leave') }),
  /** Sends a text as it is, beneath whatever client is in use: garbage, a forged cursor, too many at once. */
  z.strictObject({ do: z.literal('send'), text: z.string().max(1_000_000) }),
  /** Reads nothing from the connection for so long, whatever the user does meanwhile. */
  z.strictObject({ do: z.literal('stall'), ms }),
  /**
   * Leaves, and waits until the running pipeline was replaced by this version of it, on the same stores. A
   * version is named by the defect that it has; none named: the pipeline as it is.
   */
  z.strictObject({ do: z.literal('deploy'), version: id.exactOptional() }),
  /** Tries to be let in, beside whatever connection there is, without a client's manners; waits until that is over. */
  knock,
]);

const user = z.strictObject({
  id,
  /** Another window of a user who has one already: the same user, on connections of its own. Absent: the first. */
  window: z.number().int().min(2).max(100).exactOptional(),
  /** Milliseconds after the start of the case. */
  arrivesAtMs: ms,
  /** Whether events are confirmed. */
  confirms: z.enum(['all', 'none']),
  /**
   * `raw`: sends as soon as the connection is open, ready or not, confirms nothing, and neither comes back nor
   * resumes by itself. Absent: the client library, which does all that.
   */
  client: z.literal('raw').exactOptional(),
  /** How long the user's application takes over each event before it takes the next; absent: no time. */
  takesMs: ms.exactOptional(),
  actions: z.array(action).max(200),
});

/** What the model says in a run. Values that only it can know are derived from the seed, user, run and agent. */
const modelScript = z.strictObject({
  user: id,
  run: id,
  /** What triage finds. */
  sufficiency: z.enum(['sufficient', 'partial', 'insufficient', 'unknown']),
  /** Into how many chunks each answer is cut. */
  chunks: z.number().int().min(1).max(100),
});

const path = z.array(z.union([z.string().max(200), z.number().int().min(0)])).max(20);

export const caseSchema = z.strictObject({
  schema: z.literal(caseSchemaId),
  scenario: z.string().max(200),
  seed: z.number().int(),
  /** The version that serves at the start, as in `deploy`. */
  version: id.exactOptional(),
  /** Limits that the pipeline is set up with; absent: ones that no workload of generators reaches. */
  limits: z
    .strictObject({
      runsPerUser: z.number().int().min(1).max(10_000).exactOptional(),
      messagesPerSecond: z.number().int().min(1).max(10_000).exactOptional(),
      messageBurst: z.number().int().min(1).max(10_000).exactOptional(),
      /** What one run may hold in memory. */
      runBytes: z
        .number()
        .int()
        .min(1)
        .max(2 ** 30)
        .exactOptional(),
    })
    .exactOptional(),
  users: z.array(user).min(1).max(200),
  model: z.array(modelScript).max(2_000),
  faults: z.array(z.strictObject({ at: pattern, after: pattern.exactOptional(), fate })).max(1_000),
  /** What befalls processes; absent: nothing. */
  process: z
    .array(z.strictObject({ at: pattern, after: pattern.exactOptional(), fate: processFate }))
    .max(100)
    .exactOptional(),
  /** How the pipeline is started, and what it lacks then; absent: in production, with all that it needs. */
  startup: z
    .strictObject({
      environment: z.enum(['development', 'staging', 'production']).exactOptional(),
      degraded: z.literal(true).exactOptional(),
      lacks: z
        .array(
          z.strictObject({
            dependency: z.enum(lackedDependencies),
            state: z.enum(lackStates),
            forMs: badMs.exactOptional(),
          }),
        )
        .max(10),
    })
    .exactOptional(),
  /**
   * A second gateway on the same stores, behind the same address. `stands-by`: connections come to it while
   * the first is down; `takes-turns`: every other one does. Absent: there is none.
   */
  secondGateway: z.enum(['stands-by', 'takes-turns']).exactOptional(),
  /** Where the pipeline's agents run; absent: in process. */
  agentPlace: z.enum(agentPlaces).exactOptional(),
  contaminations: z
    .array(
      z.strictObject({
        at: z.strictObject({
          wire: z.enum(['agent', 'tool']),
          user: id,
          run: id,
          kind: z.string().max(100),
          count: z.number().int().min(1),
        }),
        path,
        recipe: z.string().max(100),
      }),
    )
    .max(1_000),
  schedule: z
    .array(
      z.strictObject({
        hold: pattern,
        until: pattern,
        atMostMs: ms,
        ofWorkload: z.literal(true).exactOptional(),
      }),
    )
    .max(1_000),
});

export type Case = z.infer<typeof caseSchema>;
export type CaseUser = z.infer<typeof user>;
export type CaseAction = z.infer<typeof action>;
export type ModelScript = z.infer<typeof modelScript>;

// The schema and the nouns must say the same; this fails to compile where they do not.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const faultsAgree: Same<Case['faults'][number], Fault> = true;
const contaminationsAgree: Case['contaminations'][number] extends Contamination ? true : never = true;
const processAgrees: Same<NonNullable<Case['process']>[number], ProcessFault> = true;
const scheduleAgrees: Same<Case['schedule'][number], ScheduleConstraint> = true;
const lacksAgree: Same<NonNullable<Case['startup']>['lacks'][number], StartupLack> = true;
void [lacksAgree, faultsAgree, processAgrees, contaminationsAgree, scheduleAgrees];
