/** Puts bytes together to lines of text, none of them longer than `bytesMost`. */
export class LineReader {
  readonly #bytesMost: number;
  readonly #hears: { line(text: string): void; tooLong(): void };
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMost: number, hears: { line(text: string): void; tooLong(): void }) {
    this.#bytesMost = bytesMost;
    this.#hears = hears;
  }

  take(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      this.#keep(bytes.subarray(from, end));
      const line = Buffer.concat(this.#pieces.splice(0)).toString();
      this.#bytes = 0;
      this.#hears.line(line);
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#bytesMost) {
      this.#pieces.length = 0;
      this.#hears.tooLong();
    } else if (piece.length > 0) this.#pieces.push(piece);
  }
}

const newline = 0x0a;
