import type { Json } from '../../history.ts';

/**
 * Where texts of one stream meet: what comes in pieces may hold a value that no piece of it holds. Texts at the
 * same place of values that follow one another are read on, as a client reads on what is streamed to it.
 */
export class Seams {
  readonly #ends = new Map<string, string>();

  /** The texts around each seam between this value and the one before it in the stream. */
  after(stream: string | undefined, value: Json | undefined): string[] {
    if (stream === undefined) return [];
    const seams: string[] = [];
    eachTextAt(value, stream, (text, place) => {
      const end = this.#ends.get(place) ?? '';
      if (end !== '' && text !== '') seams.push(`${wordAtEnd(end)}${wordAtStart(text)}`);
      this.#ends.set(place, (end + text).slice(-reach));
    });
    return seams;
  }
}

/** Characters on either side of a seam: more than any value has. */
const reach = 100;

/** Whole words alone on both sides, or what stands beside the value would be taken for a part of it. */
function wordAtEnd(text: string): string {
  return /[\w.%+/=-]*$/.exec(text.slice(-reach))?.[0] ?? '';
}

function wordAtStart(text: string): string {
  return /^[\w.%+/=-]*/.exec(text.slice(0, reach))?.[0] ?? '';
}

function eachTextAt(
  value: Json | undefined,
  place: string,
  tell: (text: string, place: string) => void,
): void {
  if (typeof value === 'string') tell(value, place);
  else if (Array.isArray(value))
    value.forEach((item, index) => void eachTextAt(item, `${place}/${index}`, tell));
  else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) eachTextAt(value[key], `${place}/${key}`, tell);
}
