/** Tells which bytes match a pattern of KEYS, SCAN or PSUBSCRIBE: `*`, `?`, `[a-c]`, `[^a]`, backslash escapes. */
export function globOf(pattern: string): (bytes: string) => boolean {
  if (pattern === '*') return () => true;
  const expression = compiled(pattern);
  return (bytes) => expression.test(bytes);
}

function compiled(pattern: string): RegExp {
  let source = '^';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '*') {
      while (pattern.charAt(i + 1) === '*') i += 1;
      source += '[^]*';
    } else if (char === '?') {
      source += '[^]';
    } else if (char === '[') {
      const [set, end] = setFrom(pattern, i + 1);
      source += set;
      i = end;
    } else if (char === '\\' && i + 1 < pattern.length) {
      i += 1;
      source += literal(pattern.charAt(i));
    } else {
      source += literal(char);
    }
  }
  return new RegExp(`${source}$`);
}

/** A set of characters from after its bracket on, and where it ends. A set without an end reaches to the pattern's. */
function setFrom(pattern: string, start: number): [source: string, end: number] {
  const negated = pattern.charAt(start) === '^';
  let inside = '';
  let i = negated ? start + 1 : start;
  for (; i < pattern.length && pattern.charAt(i) !== ']'; i++) {
    const char = pattern.charAt(i);
    if (char === '\\' && i + 1 < pattern.length) {
      i += 1;
      inside += hex(pattern.charCodeAt(i));
    } else if (pattern.charAt(i + 1) === '-' && i + 2 < pattern.length) {
      const ends = [pattern.charCodeAt(i), pattern.charCodeAt(i + 2)];
      inside += `${hex(Math.min(...ends))}-${hex(Math.max(...ends))}`;
      i += 2;
    } else {
      inside += hex(pattern.charCodeAt(i));
    }
  }
  if (inside === '') return [negated ? '[^]' : '[]', i];
  return [negated ? `[^${inside}]` : `[${inside}]`, i];
}

function literal(char: string): string {
  return hex(char.charCodeAt(0));
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}
