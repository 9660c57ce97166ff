const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinite = /^[+-]?inf(inity)?$/i;

/** A double as C reads one in decimal; null where the text is none, or one that no double can hold. */
export function parseDouble(text: string): number | null {
  if (decimal.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return null;
    if (value === 0 && /[1-9]/.test(text.replace(/e.*/i, ''))) return null;
    return value;
  }
  if (infinite.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return null;
}

/** A score as Redis prints it: 17 significant digits, without trailing zeros (`%.17g`). */
export function printDouble(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isSafeInteger(value)) return String(value);
  const [mantissa = '', exponentText = '0'] = seventeenDigits(Math.abs(value)).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 17) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

/** As C rounds: to the nearest, and to the even digit where two are as near (JavaScript takes the greater). */
function seventeenDigits(magnitude: number): string {
  const rounded = magnitude.toExponential(16);
  const [exact = '', exponent = '0'] = magnitude.toExponential(40).split('e');
  const tie = /^50*$/.test(exact.slice(18));
  const below = exact.slice(0, 18);
  return tie && Number(below.at(-1)) % 2 === 0 ? `${below}e${exponent}` : rounded;
}
