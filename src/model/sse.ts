/**
 * Cuts a stream of server-sent events into their data. Bytes may be split anywhere, within a character or a
 * line end too; lines end in CR, LF or CRLF; comments and fields other than `data` are passed over.
 */
export class SseParser {
  readonly #decoder = new TextDecoder();
  /** Text after the last whole line. */
  #rest = '';
  /** A CR came last: a LF that follows belongs to it. */
  #afterReturn = false;
  #data: string[] = [];

  /** The data of each event that ends in these bytes. */
  push(bytes: Uint8Array): string[] {
    const events: string[] = [];
    let text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    if (this.#afterReturn && text !== '') {
      if (text.startsWith('\n')) text = text.slice(1);
      this.#afterReturn = false;
    }
    let start = 0;
    for (let end = lineEnd(text, start); end !== -1; end = lineEnd(text, start)) {
      this.#line(text.slice(start, end), events);
      start = end + 1;
      if (text[end] !== '\r') continue;
      if (start === text.length) this.#afterReturn = true;
      else if (text[start] === '\n') start += 1;
    }
    this.#rest = text.slice(start);
    return events;
  }

  /** Characters that wait for the end of their line or event. */
  get pending(): number {
    return this.#data.reduce((total, line) => total + line.length, this.#rest.length);
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

function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const carriage = text.indexOf('\r', from);
  if (feed === -1) return carriage;
  return carriage === -1 ? feed : Math.min(feed, carriage);
}
