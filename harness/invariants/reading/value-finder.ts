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
    return kept(this.#inTexts, text, () => {
      const words = text.match(/[\w.%+/=-]+/g) ?? [];
      return words.flatMap((word) => this.#inWord(word));
    });
  }

  #inWord(word: string): readonly T[] {
    return kept(this.#inWords, word, () =>
      [word, ...readableForms(word)].flatMap((form) =>
        (form.match(/[\w.-]+/g) ?? []).flatMap((plain) => this.#inPlain(plain)),
      ),
    );
  }

  #inPlain(word: string): readonly T[] {
    const whole = this.#values.get(word);
    if (whole !== undefined) return [whole];
    if (!word.includes('.')) return nothing;
    return word.split('.').flatMap((part) => this.#values.get(part) ?? nothing);
  }
}

const nothing: readonly never[] = [];

function kept<T>(known: Map<string, readonly T[]>, key: string, find: () => readonly T[]): readonly T[] {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = find();
  known.set(key, found.length === 0 ? nothing : found);
  return found;
}
