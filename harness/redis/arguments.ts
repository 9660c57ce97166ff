import { parseDouble } from './double.ts';
import { Refusal } from './refusal.ts';

/** The argument at this place; arity was checked before. */
export function at(args: readonly string[], index: number): string {
  return args[index] ?? '';
}

/** Whether an argument is this word (given in lower case), in any case. */
export function is(argument: string | undefined, word: string): boolean {
  return argument !== undefined && argument.length === word.length && argument.toLowerCase() === word;
}

const notAnInteger = 'ERR value is not an integer or out of range';
const integerMin = -(2n ** 63n);
const integerMax = 2n ** 63n - 1n;

/**
 * A 64-bit integer as Redis reads one: no spaces, no plus, no leading zeros. Beyond 2^53 the number is the
 * nearest that JavaScript has.
 */
export function parseInteger(text: string): number | null {
  if (text.length > 15) {
    const exact = parseExactInteger(text);
    return exact === null ? null : Number(exact);
  }
  return isIntegerText(text) ? Number(text) : null;
}

/** The same, exact over all 64 bits. */
export function parseExactInteger(text: string): bigint | null {
  if (text.length > 20 || !isIntegerText(text)) return null;
  const value = BigInt(text);
  return value < integerMin || value > integerMax ? null : value;
}

function isIntegerText(text: string): boolean {
  const negative = text.charCodeAt(0) === 0x2d;
  const start = negative ? 1 : 0;
  const first = text.charCodeAt(start);
  if (first === 0x30) return !negative && text.length === 1;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length > start;
}

/** Throws a Refusal with `message` where the argument is no integer. */
export function integerArgument(text: string, message = notAnInteger): number {
  const value = parseInteger(text);
  if (value === null) throw new Refusal(message);
  return value;
}

/** Throws a Refusal where the argument is no 64-bit integer. */
export function exactIntegerArgument(text: string): bigint {
  const value = parseExactInteger(text);
  if (value === null) throw new Refusal(notAnInteger);
  return value;
}

/** Adds within 64 bits; throws a Refusal where the sum does not fit. */
export function addExactly(a: bigint, b: bigint): bigint {
  const sum = a + b;
  if (sum < integerMin || sum > integerMax) {
    throw new Refusal('ERR increment or decrement would overflow');
  }
  return sum;
}

/** Throws a Refusal where the argument is no number. */
export function doubleArgument(text: string, message = 'ERR value is not a valid float'): number {
  const value = parseDouble(text);
  if (value === null) throw new Refusal(message);
  return value;
}

/** When a wait that was asked for in this unit ends, in ms since the epoch; 0: never. */
export function waitUntil(text: string, unit: 'seconds' | 'milliseconds', now: number): number {
  const wanted =
    unit === 'seconds'
      ? Math.ceil(doubleArgument(text, 'ERR timeout is not a float or out of range') * 1000)
      : integerArgument(text, 'ERR timeout is not an integer or out of range');
  // What does not fit turns negative in C.
  if (wanted < 0 || wanted >= 2 ** 63) throw new Refusal('ERR timeout is negative');
  return wanted === 0 ? 0 : now + wanted;
}
