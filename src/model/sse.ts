import { StringDecoder } from 'node:string_decoder';

/**
 * Cuts a stream of server-sent events into their data. Bytes may be split anywhere, within a character or a
 * line end too; lines end in CR, LF or CRLF; comments and fields other than `data` are passed over.
 */
export class SseParser {
  /** A `TextDecoder` for a stream has a converter of its own made first: that takes longer than to read an answer. */
  readonly #decoder = new StringDecoder('utf8');
  #isFirst = true;
  /** Text after the last whole line. */
  #rest = '';
  /** A CR came last: a LF that follows belongs to it. */
  #afterReturn = false;
  #data: string[] = [];

  /** The data of each event that ends in these bytes. */
  push(bytes: Uint8Array): string[] {
    const events: string[] = [];
    let text = this.#rest + this.#decoder.write(bytes);
    if (this.#isFirst && text !== '') {
      if (text.startsWith(byteOrderMark)) text = text.slice(1);
      this.#isFirst = false;
    }
    if (this.#afterReturn && text !== '') {
      if (text.startsWith('\n')) text = text.slice(1);
      this.#afterReturn = false;
    }
    let start = 0;
    // Most streams have none: looked for once, not from every line to the end.
    let carriage = text.indexOf('\r');
    for (;;) {
      const feed = text.indexOf('\n', start);
      const end = carriage === -1 || (feed !== -1 && feed < carriage) ? feed : carriage;
      if (end === -1) break;
      this.#line(text.slice(start, end), events);
      start = end + 1;
      if (end !== carriage) continue;
      if (start === text.length) this.#afterReturn = true;
      else if (text[start] === '\n') start += 1;
      carriage = text.indexOf('\r', start);
    }
    this.#rest = text.slice(start);
    return events;
  }

  #line(line: string, events: string[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push(this.#data.join('\n'));
      this.#data = [];
    } else if (line.startsWith('data:')) {
      this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
    } else if (line === 'data') {
      this.#data.push('');
    }
  }
}

const byteOrderMark = '\ufeff';
