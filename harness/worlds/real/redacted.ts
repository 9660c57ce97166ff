/** Diagnostic text without what looks like a token, a credential in a URL, or a password that is named so. */
export function redacted(text: string): string {
  return text
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]')
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1[credentials]@')
    .replace(/\b(bearer)\s+[\w.~+/-]+=*/gi, '$1 [token]')
    .replace(
      /(["']?[\w-]*(?:password|passwd|secret|token|api_?key|credential)[\w-]*["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi,
      '$1[secret]',
    );
}
