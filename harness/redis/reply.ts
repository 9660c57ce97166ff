/**
 * Replies as the bytes of RESP2, each byte one character (latin1): joining strings is the fastest way to
 * build them, and one conversion makes the bytes.
 */

export const ok = '+OK\r\n';
export const queued = '+QUEUED\r\n';
export const nil = '$-1\r\n';
export const nilArray = '*-1\r\n';
export const emptyArray = '*0\r\n';
/** The command has not been answered yet: its session waits. */
export const noReply = '';

export function status(text: string): string {
  return `+${text}\r\n`;
}

export function integer(value: number | bigint): string {
  return `:${value}\r\n`;
}

/** A string of bytes. */
export function bulk(bytes: string): string {
  return `$${bytes.length}\r\n${bytes}\r\n`;
}

export function bulkOrNil(bytes: string | undefined): string {
  return bytes === undefined ? nil : bulk(bytes);
}

/** The head of an array; its items follow. */
export function arrayHead(length: number): string {
  return `*${length}\r\n`;
}

export function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

/** An array of strings of bytes. */
export function bulks(items: Iterable<string>): string {
  let length = 0;
  let body = '';
  for (const item of items) {
    length += 1;
    body += bulk(item);
  }
  return arrayHead(length) + body;
}

/** `text` begins with its code (`ERR`, `WRONGTYPE`); line ends inside would break the protocol and become spaces. */
export function errorReply(text: string): string {
  const line = /[\r\n]/.test(text) ? text.replace(/[\r\n]+$/, '').replace(/[\r\n]/g, ' ') : text;
  return `-${line}\r\n`;
}
