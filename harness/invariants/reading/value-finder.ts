import { readableForms } from './readable-forms.ts';

/**
 * Finds which of many known values a text holds, in one pass over the text however many there are. Each stands
 * alone, is a word of prose or a part of an id (`thread-1.<value>`), as it is or in base64, in hex or URL-encoded.
 */
export class ValueFinder<T> {
  readonly #values: ReadonlyMap<string, T>;
  /** The same texts and words come by many times: in events, in the log, in stores and in prompts. */
  readonly #inTexts = new Map<string, readonly T[]>();
  readonly #inWords = new Map<string, readonly T[]>();

  constructor(values: ReadonlyMap<string, T>) {
    this.#values = values;
  }

  in(text: string): readonly T[] {
    const known = this.#inTexts.get(text);
    if (known !== undefined) return known;
    let found: T[] | undefined;
    for (const word of text.match(/[\w.%+/=-]+/g) ?? nothing) {
      const whole = this.#values.get(word);
      if (whole !== undefined) {
        found ??= [];
        found.push(whole);
      } else if (word.length >= encodedMin || composed.test(word)) {
        for (const value of this.#inside(word)) {
          found ??= [];
          found.push(value);
        }
      }
    }
    this.#inTexts.set(text, found ?? nothing);
    return found ?? nothing;
  }

  /** In a word of which a part, or what it says in plain, may be a value. */
  #inside(word: string): readonly T[] {
    const known = this.#inWords.get(word);
    if (known !== undefined) return known;
    const found = [word, ...readableForms(word)].flatMap((form) =>
      (form.match(/[\w.-]+/g) ?? []).flatMap((plain) => this.#inPlain(plain)),
    );
    this.#inWords.set(word, found.length === 0 ? nothing : found);
    return found;
  }

  #inPlain(word: string): readonly T[] {
    const whole = this.#values.get(word);
    if (whole !== undefined) return [whole];
    if (!word.includes('.')) return nothing;
    return word.split('.').flatMap((part) => this.#values.get(part) ?? nothing);
  }
}

const nothing: readonly never[] = [];

/** No shorter word is a value in base64 or in hex. */
const encodedMin = 16;

/** Of more than letters, digits, `_` and `-`. */
const composed = /[.%+/=]/;
