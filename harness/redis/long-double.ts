/**
 * The 80-bit floats of x86, in which Redis counts INCRBYFLOAT: an integer of at most 64 bits times a power of two.
 * Exponents beyond those of a long double are not cut off; nothing printable gets there.
 */
export interface LongDouble {
  readonly significand: bigint;
  readonly exponent: number;
}

const significantBits = 64;
const decimal = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;
const exponentMax = 4950;

export const zero: LongDouble = { significand: 0n, exponent: 0 };

/** The nearest long double to a decimal text; `infinite` for an infinity, null where the text is no number. */
export function parseLongDouble(text: string): LongDouble | 'infinite' | null {
  if (/^[+-]?inf(inity)?$/i.test(text)) return 'infinite';
  const match = decimal.exec(text);
  if (match === null || text.length > 5000) return null;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const digits = whole + fraction;
  if (digits === '') return null;
  const magnitude = BigInt(digits);
  if (magnitude === 0n) return zero;
  const tens = Number(power) - fraction.length;
  if (Math.abs(tens + digits.length) > exponentMax) return null;
  const numerator = tens >= 0 ? magnitude * 10n ** BigInt(tens) : magnitude;
  const denominator = tens >= 0 ? 1n : 10n ** BigInt(-tens);
  const rounded = roundedQuotient(numerator, denominator);
  return sign === '-' ? { ...rounded, significand: -rounded.significand } : rounded;
}

export function add(a: LongDouble, b: LongDouble): LongDouble {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum =
    (a.significand << BigInt(a.exponent - exponent)) + (b.significand << BigInt(b.exponent - exponent));
  if (sum === 0n) return zero;
  const magnitude = sum < 0n ? -sum : sum;
  const excess = bitsOf(magnitude) - significantBits;
  if (excess <= 0) return { significand: sum, exponent };
  const rounded = shiftedRight(magnitude, excess);
  return { significand: sum < 0n ? -rounded : rounded, exponent: exponent + excess };
}

/** With 17 decimals at most, without trailing zeros (`%.17Lf`). */
export function printLongDouble(value: LongDouble): string {
  const negative = value.significand < 0n;
  const magnitude = negative ? -value.significand : value.significand;
  const scaled = magnitude * 10n ** 17n;
  const units =
    value.exponent >= 0 ? scaled << BigInt(value.exponent) : shiftedRight(scaled, -value.exponent);
  const digits = units.toString().padStart(18, '0');
  const fraction = digits.slice(-17).replace(/0+$/, '');
  const text = digits.slice(0, -17) + (fraction === '' ? '' : `.${fraction}`);
  return negative && text !== '0' ? `-${text}` : text;
}

function roundedQuotient(numerator: bigint, denominator: bigint): LongDouble {
  const exponent = bitsOf(numerator) - bitsOf(denominator) - significantBits - 2;
  const shifted = exponent < 0 ? numerator << BigInt(-exponent) : numerator;
  const divisor = exponent > 0 ? denominator << BigInt(exponent) : denominator;
  const sticky = shifted % divisor === 0n ? 0n : 1n;
  const quotient = ((shifted / divisor) << 1n) | sticky;
  const excess = bitsOf(quotient) - significantBits;
  return { significand: shiftedRight(quotient, excess), exponent: exponent - 1 + excess };
}

/** Divides by a power of two and rounds to the nearest, ties to even. */
function shiftedRight(value: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

function bitsOf(value: bigint): number {
  return value.toString(2).length;
}
