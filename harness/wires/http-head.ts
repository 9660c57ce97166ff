/** The little that the client wire needs to know of HTTP/1.1. */

/** The form of a user's or run's id: nothing else is taken for one. */
export const idForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const headBytesMax = 64 * 1024;

/** Offset after the empty line; the negated number of bytes needed where it has not come. */
export function headEnd(bytes: Buffer, start: number): number | 'too large' {
  const end = bytes.indexOf('\r\n\r\n', start, 'latin1');
  if (end >= 0) return end + 4;
  return bytes.length - start > headBytesMax ? 'too large' : start - bytes.length - 1;
}

/** Who asks for a WebSocket: null where the request asks for something else. The token is not verified here. */
export function readRequestHead(head: string): { readonly user: string | undefined } | null {
  if (header(head, 'upgrade')?.toLowerCase() !== 'websocket') return null;
  const offered = header(head, 'sec-websocket-protocol')?.split(',') ?? [];
  const offeredToken = offered.map((name) => name.trim()).find((name) => name.startsWith('jwt.'));
  const bearer = /^Bearer +(\S+)$/i.exec(header(head, 'authorization') ?? '')?.[1];
  const token = offeredToken?.slice('jwt.'.length) ?? bearer;
  return { user: token === undefined ? undefined : subjectOf(token) };
}

/** Status and length of a response; null where it is none. */
export function readResponseHead(
  head: string,
): { readonly status: number; readonly contentLength: number } | null {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status === undefined) return null;
  const length = header(head, 'content-length');
  return {
    status: Number(status),
    contentLength: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : 0,
  };
}

/** The `sub` of a JWT, unverified; undefined for what is no JWT or names nobody. */
export function subjectOf(token: string): string | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const subject = typeof claims === 'object' && claims !== null && 'sub' in claims ? claims.sub : undefined;
    return typeof subject === 'string' && idForm.test(subject) ? subject : undefined;
  } catch {
    return undefined;
  }
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*)`, 'i').exec(head)?.[1]?.trim();
}
