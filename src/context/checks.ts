import { PipelineError } from '../errors.ts';
import { clientId } from '../messages.ts';
import type { UserExecutionContext } from './context.ts';

/** One check that a context passes before anything is done with it. */
export interface ContextCheck {
  readonly name: string;
  /** What is wrong, naming the field and never its value; null where nothing is. */
  find(context: UserExecutionContext, asked: CheckedAgainst): string | null;
}

/** What a context is held against: facts that did not come with the message. */
export interface CheckedAgainst {
  /** The user whom the token names. */
  readonly authenticatedUser: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Ids that stand for nobody: they come out of templates, defaults and failed look-ups. */
const placeholderWords =
  /^(registry|placeholder|default|temp|none|null|undefined|0|1|xxx|yyy|example|test|demo|sample|template|mock|fake|dummy)$/i;

/** The same as prefixes, in short ids only: a long id that begins so may well be real. */
const placeholderPrefixes =
  /^(placeholder|registry|default|temp|example|demo|sample|template|mock|fake|test)_/i;
const prefixesMatterBelow = 20;

const requestLengthMax = 10_000;
const clockStepMs = 1_000;
const ids = ['userId', 'threadId', 'runId'] as const;
const fields = ['correlationId', 'createdAt', 'request', 'runId', 'session', 'threadId', 'userId'];

/** The eleven checks of a user execution context, in the order in which they are made. */
export const contextChecks: readonly ContextCheck[] = [
  {
    name: 'fields-present',
    find: (context) =>
      firstOf(
        [...ids, 'request', 'correlationId'] as const,
        (field) => typeof context[field] !== 'string' || context[field].trim() === '',
      ),
  },
  {
    name: 'no-foreign-fields',
    find: (context) => Object.keys(context).find((key) => !fields.includes(key)) ?? null,
  },
  {
    name: 'id-format',
    find: (context) => firstOf(ids, (field) => !clientId.validate(context[field])),
  },
  {
    name: 'no-placeholder-word',
    find: (context) => firstOf(ids, (field) => placeholderWords.test(context[field])),
  },
  {
    name: 'no-placeholder-prefix',
    find: (context) =>
      firstOf(
        ids,
        (field) => context[field].length < prefixesMatterBelow && placeholderPrefixes.test(context[field]),
      ),
  },
  {
    name: 'request-length',
    find: (context) => (context.request.length > requestLengthMax ? 'request' : null),
  },
  {
    // Half of a surrogate pair has no UTF-8 form: a store or a model would be sent something else.
    name: 'request-is-text',
    find: (context) => (/\p{Surrogate}|\0/u.test(context.request) ? 'request' : null),
  },
  {
    name: 'user-is-authenticated',
    find: (context, asked) => (context.userId === asked.authenticatedUser ? null : 'userId'),
  },
  {
    // It goes into logs and to clients, so it must not tell who the user is.
    name: 'correlation-says-nothing',
    find: (context) =>
      ids.some((field) => context.correlationId === context[field]) ? 'correlationId' : null,
  },
  {
    name: 'made-now',
    find: (context, asked) =>
      Number.isFinite(context.createdAt) && Math.abs(asked.now - context.createdAt) <= clockStepMs
        ? null
        : 'createdAt',
  },
  {
    name: 'isolated',
    find: (context) =>
      Object.isFrozen(context) && context.session.opened === context.createdAt ? null : 'session',
  },
];

/** Throws CONTEXT_INVALID, naming the check and the field, unless the context passes all of them. */
export function validateContext(context: UserExecutionContext, asked: CheckedAgainst): void {
  for (const check of contextChecks) {
    const found = check.find(context, asked);
    if (found !== null) throw new PipelineError('CONTEXT_INVALID', { detail: `${check.name}: ${found}` });
  }
}

function firstOf<T extends string>(names: readonly T[], isWrong: (name: T) => boolean): string | null {
  return names.find(isWrong) ?? null;
}
