/**
 * What one word says in plain, where it may be base64 (also url-safe, and beginning anywhere in what was encoded),
 * hex or URL-encoded. Most of what comes out is noise: nobody's value is in it.
 */
export function readableForms(word: string): string[] {
  const forms = word.includes('%') ? [word.replace(/%[0-9a-f]{2}/gi, (code) => charOf(code.slice(1)))] : [];
  for (const part of word.match(/[\w+/-]{16,}/g) ?? []) {
    if (/^(?:[0-9a-f]{2})+$/i.test(part)) forms.push(part.replace(/../g, charOf));
    // What stands before the value may have shifted it.
    for (let shift = 0; shift < 4; shift++) forms.push(fromBase64(part.slice(shift)));
  }
  return forms;
}

function charOf(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function fromBase64(word: string): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (let at = 0; at < word.length; at++) {
    const digit = digits[word.charCodeAt(at)] ?? -1;
    if (digit < 0) break;
    bits = ((bits << 6) | digit) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += String.fromCharCode((bits >> held) & 0xff);
  }
  return out;
}

const digits: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  const at = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(
    String.fromCharCode(code),
  );
  if (at >= 0) return at;
  return code === 0x2d ? 62 : code === 0x5f ? 63 : -1;
});
