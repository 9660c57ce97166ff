/** What a client sent is not RESP; the message is the text of the server's error. */
export class ProtocolError extends Error {
  constructor(problem: string) {
    super(`ERR Protocol error: ${problem}`);
    this.name = 'ProtocolError';
  }
}

const lineMax = 64 * 1024;
const bulkMax = 512 * 1024 * 1024;
const countMax = 2 ** 31 - 1;

const star = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** Cuts bytes into commands, as a Redis server reads them: arrays of bulk strings, and inline commands. */
export class RequestParser {
  #chunks: Buffer[] = [];
  #length = 0;
  #offset = 0;
  /** Nothing can be said before so many bytes are there. */
  #needed = 0;
  #argsLeft = 0;
  #args: string[] = [];
  /** Of the bulk string that is being read; negative: not known yet. */
  #bulkLength = -1;

  /** Bytes that were fed and are not yet part of a command. */
  get buffered(): number {
    return this.#length - this.#offset;
  }

  feed(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next command's arguments as bytes (latin1), perhaps none; null where more bytes are needed. Throws a ProtocolError. */
  next(): readonly string[] | null {
    if (this.#length === 0 || this.#length - this.#offset < this.#needed) return null;
    const buffer = this.#joined();
    if (this.#argsLeft === 0) {
      if (this.#offset >= buffer.length) return this.#wait(0);
      if (buffer[this.#offset] !== star) return this.#inline(buffer);
      const count = this.#number(buffer, 'too big mbulk count string', 'invalid multibulk length');
      if (count === null) return null;
      if (count > countMax) throw new ProtocolError('invalid multibulk length');
      if (count <= 0) return this.#done([]);
      this.#argsLeft = count;
    }
    while (this.#argsLeft > 0) {
      const arg = this.#bulk(buffer);
      if (arg === null) return null;
      this.#args.push(arg);
      this.#argsLeft -= 1;
    }
    const args = this.#args;
    this.#args = [];
    return this.#done(args);
  }

  #bulk(buffer: Buffer): string | null {
    if (this.#bulkLength < 0) {
      const start = this.#offset;
      if (start >= buffer.length) return this.#wait(0);
      const end = this.#lineEnd(buffer, 'too big bulk count string');
      if (end < 0) return null;
      if (buffer[start] !== dollar) {
        throw new ProtocolError(`expected '$', got '${String.fromCharCode(buffer[start] ?? 0)}'`);
      }
      const length = this.#number(buffer, 'too big bulk count string', 'invalid bulk length');
      if (length === null || length < 0 || length > bulkMax) throw new ProtocolError('invalid bulk length');
      this.#bulkLength = length;
    }
    const end = this.#offset + this.#bulkLength;
    if (buffer.length < end + 2) return this.#wait(this.#bulkLength + 2);
    const arg = buffer.toString('latin1', this.#offset, end);
    this.#offset = end + 2;
    this.#bulkLength = -1;
    return arg;
  }

  /** The number on this line, and past it; null where the line is not whole yet. */
  #number(buffer: Buffer, tooLong: string, invalid: string): number | null {
    const end = this.#lineEnd(buffer, tooLong);
    if (end < 0) return null;
    let value = 0;
    let i = this.#offset + 1;
    const negative = buffer[i] === 0x2d;
    if (negative) i += 1;
    const digits = end - i;
    if (digits < 1 || digits > 15 || (digits > 1 && buffer[i] === 0x30)) throw new ProtocolError(invalid);
    for (; i < end; i++) {
      const digit = (buffer[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) throw new ProtocolError(invalid);
      value = value * 10 + digit;
    }
    this.#offset = end + 2;
    return negative ? -value : value;
  }

  /** Where the line's carriage return stands, once the byte behind it has come too; -1 before that. */
  #lineEnd(buffer: Buffer, tooLong: string): number {
    const end = buffer.indexOf(carriageReturn, this.#offset);
    if (end >= 0 && end + 1 < buffer.length) return end;
    if (end < 0 && buffer.length - this.#offset > lineMax) throw new ProtocolError(tooLong);
    this.#wait(0);
    return -1;
  }

  #inline(buffer: Buffer): readonly string[] | null {
    const end = buffer.indexOf(lineFeed, this.#offset);
    if (end < 0) {
      if (buffer.length - this.#offset > lineMax) throw new ProtocolError('too big inline request');
      return this.#wait(0);
    }
    const lineEnd = end > this.#offset && buffer[end - 1] === carriageReturn ? end - 1 : end;
    const args = splitLine(buffer.toString('latin1', this.#offset, lineEnd));
    if (args === null) throw new ProtocolError('unbalanced quotes in request');
    this.#offset = end + 1;
    return this.#done(args);
  }

  #done(args: readonly string[]): readonly string[] {
    this.#needed = 0;
    if (this.#offset === this.#length) {
      this.#chunks = [];
      this.#length = 0;
      this.#offset = 0;
    }
    return args;
  }

  /** More than what is there now, and at least `bytes`. */
  #wait(bytes: number): null {
    this.#needed = Math.max(bytes, this.#length - this.#offset + 1);
    return null;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = Buffer.concat(this.#chunks).subarray(this.#offset);
    this.#chunks = [joined];
    this.#length = joined.length;
    this.#offset = 0;
    return joined;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** The words of an inline command, quotes and escapes resolved; null where quotes are not balanced. */
function splitLine(line: string): string[] | null {
  const words: string[] = [];
  let i = 0;
  for (;;) {
    while (isSpace(line, i)) i += 1;
    if (i >= line.length || line.charAt(i) === '\0') return words;
    let word = '';
    while (i < line.length && !/[ \n\r\t\0]/.test(line.charAt(i))) {
      const quote = line.charAt(i);
      if (quote !== '"' && quote !== "'") {
        word += quote;
        i += 1;
        continue;
      }
      const quoted = quote === '"' ? doubleQuoted(line, i + 1) : singleQuoted(line, i + 1);
      if (quoted === null || (quoted.end < line.length && !isSpace(line, quoted.end))) return null;
      word += quoted.text;
      i = quoted.end;
      break;
    }
    words.push(word);
  }
}

function isSpace(line: string, index: number): boolean {
  return index < line.length && ' \n\r\t\v\f'.includes(line.charAt(index));
}

interface Quoted {
  readonly text: string;
  readonly end: number;
}

function doubleQuoted(line: string, start: number): Quoted | null {
  let text = '';
  for (let i = start; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '"') return { text, end: i + 1 };
    const hex = /^\\x([0-9a-f]{2})/i.exec(line.slice(i, i + 4))?.[1];
    if (hex !== undefined) {
      text += String.fromCharCode(Number.parseInt(hex, 16));
      i += 3;
    } else if (char === '\\' && i + 1 < line.length) {
      i += 1;
      text += escapes[line.charAt(i)] ?? line.charAt(i);
    } else {
      text += char;
    }
  }
  return null;
}

function singleQuoted(line: string, start: number): Quoted | null {
  let text = '';
  for (let i = start; i < line.length; i++) {
    if (line.startsWith("\\'", i)) {
      i += 1;
      text += "'";
    } else if (line.charAt(i) === "'") {
      return { text, end: i + 1 };
    } else {
      text += line.charAt(i);
    }
  }
  return null;
}
