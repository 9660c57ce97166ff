import type { EventDraft, Json } from '../history.ts';

/** A line of the pipeline's log as an event; null for one that is no warning and shows no secret, or no line of this log. */
export function loggedEvent(line: string): EventDraft | null {
  // Wherever they stand: in a stack, in a name.
  const secrets = secretMarks.some((mark) => line.includes(mark)) ? (line.match(secretWords) ?? []) : [];
  // Most lines are of this kind, and to read one costs more than to write it.
  if (secrets.length === 0 && beginsBelowWarning.test(line)) return null;
  const { level, msg, code, user, run, ...rest } = fieldsOf(line);
  const name = levels.find(([least]) => typeof level === 'number' && level >= least)?.[1];
  if (name === undefined || (secrets.length === 0 && !warnings.has(name))) return null;
  return {
    type: 'logged',
    actor: 'gateway',
    level: name,
    says: typeof msg === 'string' ? msg : '',
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof user === 'string' && user !== '' ? { user } : {}),
    ...(typeof run === 'string' && run !== '' ? { run } : {}),
    words: [...new Set([...secrets, ...wordsIn(rest)])].slice(0, wordsMax),
  };
}

/** As pino numbers them. */
const levels = [
  [60, 'fatal'],
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [20, 'debug'],
  [10, 'trace'],
] as const;

const warnings: ReadonlySet<string> = new Set(['fatal', 'error', 'warn']);

const beginsBelowWarning = /^\{"level":[123]0,/;

/** By their looks, as `no-secret-is-shown` knows them: a token, and how the secrets of plays begin. */
const secretWords = /[\w.%+/=-]*(?:secret-of-plays|eyJ[\w-]{8,}\.)[\w.%+/=-]*/g;

/** What each of them holds. */
const secretMarks = ['secret-of-plays', 'eyJ'] as const;

const wordsMax = 200;

function fieldsOf(line: string): { readonly [key: string]: Json } {
  try {
    const fields = JSON.parse(line) as Json;
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? fields : {};
  } catch {
    return {};
  }
}

/** Every word that can be an id or a value of one user: long, and with a digit in it. */
function wordsIn(value: Json): string[] {
  if (typeof value === 'string')
    return (value.match(/[\w.%+/=-]{8,}/g) ?? []).filter((word) => /\d/.test(word));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    nobodys.has(key) ? [] : [...wordsIn(key), ...wordsIn(inner)],
  );
}

/** When and where in the code, and what stands for a run in the log alone: nobody's values, and another in each installation. */
const nobodys = new Set(['time', 'stack', 'correlation_id']);
