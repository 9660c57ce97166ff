import type { Recipe } from './recipe.ts';

/** Texts that are hard to carry. All but the last are plain data. */
export const texts: readonly Recipe[] = [
  {
    name: 'lone-surrogate',
    shape:
      'the text "cut " and the first half of a character that takes two code units, as cutting by length leaves it',
    data: 'cut \ud83d',
    foreign: [],
    make: () => 'cut \ud83d',
  },
  {
    name: 'control-characters',
    shape: 'a text with a NUL, a line break, both line separators of Unicode and the byte order mark',
    data: 'a\u0000b\r\nc\u2028d\u2029e\ufeff',
    foreign: [],
    make: () => 'a\u0000b\r\nc\u2028d\u2029e\ufeff',
  },
  {
    name: 'tag-like-text',
    shape:
      'a text that is JSON itself, as a codec might mark a date: {"$type":"Date","value":"2025-09-12T17:15:00.000Z"}',
    data: '{"$type":"Date","value":"2025-09-12T17:15:00.000Z"}',
    foreign: [],
    make: () => '{"$type":"Date","value":"2025-09-12T17:15:00.000Z"}',
  },
  {
    name: 'long-text',
    shape: '16,384 times the letter x',
    data: 'x'.repeat(16_384),
    foreign: [],
    make: () => 'x'.repeat(16_384),
  },
  {
    name: 'huge-string',
    shape:
      '6,291,456 times the letter x: more than any message, prompt or event may hold, so it is left out or cut by name',
    make: () => 'x'.repeat(6_291_456),
  },
];
