import type { Json } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { Judgement } from './reading/judgement.ts';
import { readableForms } from './reading/readable-forms.ts';
import { eachText } from './reading/words.ts';

/**
 * No token and no secret stands anywhere in a history: not in what users see, not in stores, prompts or the log,
 * not as it is and not encoded. They are known by their looks: a JWT by its three parts, the secrets that plays are
 * set up with by how they begin. A secret of another form is not found.
 */
export const noSecretIsShown: Invariant = {
  name: 'no-secret-is-shown',
  promise: 'errors',
  says: 'No token and no secret is shown, stored, logged or sent to a model.',
  check(history) {
    const judgement = new Judgement();
    const known = new Map<string, string | null>();
    for (const event of history.events) {
      const { seq, type } = event;
      judgement.checked();
      eachText(event as unknown as Json, (text) => {
        // Shorter texts have no room for either.
        if (text.length < secretCharactersMin) return;
        for (const word of text.match(/[\w.%+/=-]{16,}/g) ?? []) {
          let secret = known.get(word);
          if (secret === undefined) {
            secret = secretIn(word);
            known.set(word, secret);
          }
          if (secret === null) continue;
          judgement.broken({
            why: `${secret} stands in what was ${wordsFor[type] ?? `recorded as ${type}`}`,
            shownBy: [seq],
            place: `${type}/${secret}`,
          });
        }
      });
    }
    return judgement.finding();
  },
};

const secretCharactersMin = 16;

const wordsFor: { readonly [type: string]: string } = {
  seen: 'sent to a user',
  sent: 'said by a user',
  stored: 'stored',
  prompted: 'asked of the model',
  logged: 'logged',
  'connection-closed': 'given as a reason',
  'connection-refused': 'given as a reason',
};

function secretIn(word: string): string | null {
  for (const form of [word, ...readableForms(word)]) {
    if (/eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/.test(form)) return 'a token';
    if (form.includes('secret-of-plays')) return 'a secret';
  }
  return null;
}
