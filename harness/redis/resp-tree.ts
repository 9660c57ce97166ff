/** A RESP2 value with nothing lost: printing it gives the bytes (latin1) that it was read from. */
export type RespTree =
  | { readonly kind: 'status' | 'error' | 'integer'; readonly text: string }
  | { readonly kind: 'bulk'; readonly text: string }
  | { readonly kind: 'nil' | 'nil-array' }
  | { readonly kind: 'array'; readonly items: readonly RespTree[] };

/** The value that begins at `offset` and where it ends; null where it is not whole yet. Throws where it is not RESP2. */
export function readTree(
  bytes: string,
  offset: number,
): { readonly tree: RespTree; readonly end: number } | null {
  const lineEnd = bytes.indexOf('\r\n', offset);
  if (lineEnd < 0) return null;
  const line = bytes.slice(offset + 1, lineEnd);
  const after = lineEnd + 2;
  switch (bytes.charAt(offset)) {
    case '+':
      return { tree: { kind: 'status', text: line }, end: after };
    case '-':
      return { tree: { kind: 'error', text: line }, end: after };
    case ':':
      return { tree: { kind: 'integer', text: line }, end: after };
    case '$':
      return readBulk(bytes, Number(line), after);
    case '*':
      return readArray(bytes, Number(line), after);
    default:
      throw new Error(`Not RESP2: ${JSON.stringify(bytes.slice(offset, offset + 40))}`);
  }
}

export function printTree(tree: RespTree): string {
  switch (tree.kind) {
    case 'status':
      return `+${tree.text}\r\n`;
    case 'error':
      return `-${tree.text}\r\n`;
    case 'integer':
      return `:${tree.text}\r\n`;
    case 'bulk':
      return `$${tree.text.length}\r\n${tree.text}\r\n`;
    case 'nil':
      return '$-1\r\n';
    case 'nil-array':
      return '*-1\r\n';
    case 'array':
      return `*${tree.items.length}\r\n${tree.items.map(printTree).join('')}`;
  }
}

type Read = ReturnType<typeof readTree>;

function readBulk(bytes: string, length: number, start: number): Read {
  if (length < 0) return { tree: { kind: 'nil' }, end: start };
  const end = start + length + 2;
  if (bytes.length < end) return null;
  return { tree: { kind: 'bulk', text: bytes.slice(start, start + length) }, end };
}

function readArray(bytes: string, length: number, start: number): Read {
  if (length < 0) return { tree: { kind: 'nil-array' }, end: start };
  const items: RespTree[] = [];
  let offset = start;
  for (let i = 0; i < length; i++) {
    const item = readTree(bytes, offset);
    if (item === null) return null;
    items.push(item.tree);
    offset = item.end;
  }
  return { tree: { kind: 'array', items }, end: offset };
}
