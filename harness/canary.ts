import { tokenFor } from './dice.ts';

/** What is planted in a user's words, to be followed: one word that nobody else has, known by its look. */
export function canaryOf(user: string): string {
  return `cnry${tokenFor(0, `canary/${user}`, 16)}`;
}

/** The canaries in a text. */
export function canariesIn(text: string): readonly string[] {
  return text.match(/cnry[0-9a-z]{16}/g) ?? [];
}
