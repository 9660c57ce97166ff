import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';
import type { Codec as NamedCodec } from '../../src/codec/codec.ts';
import { type Recipe, recipes } from '../generators/recipes.ts';
import type { EventDraft, Poisoned } from '../history.ts';
import { cleanResultsComeBackExactly } from '../invariants/clean-results-come-back-exactly.ts';
import { caseOf, cleanResult, historyOf, losing } from '../invariants/hand-history.ts';
import { noForeignCodeIsRun } from '../invariants/no-foreign-code-is-run.ts';
import { nothingIsLostSilently } from '../invariants/nothing-is-lost-silently.ts';
import { poisonSpoilsNoSiblings } from '../invariants/poison-spoils-no-siblings.ts';
import { Account } from '../invariants/reading/account.ts';
import { carriedValuesOf } from '../invariants/reading/carried-values.ts';
import { storedAndSentValuesAreClean } from '../invariants/stored-and-sent-values-are-clean.ts';
import { poison } from './poison.ts';

type Codec = Pick<NamedCodec, 'encode' | 'decode'>;

/** What each codec does to each recipe, as the invariants see it: the kinds of damage are told apart. */
const codecs = {
  healthy: cleanJsonCodec,
  json: silent((value) => JSON.stringify(value)),
  stringDefault: silent((value) =>
    JSON.stringify(value, (_, part) =>
      typeof part === 'function' || typeof part === 'bigint' || typeof part === 'symbol'
        ? String(part)
        : part,
    ),
  ),
  copied: silent((value) => JSON.stringify(deserialize(serialize(value)))),
  text: silent((value) => JSON.stringify(String(value))),
  lazy: {
    encode: () => ({ text: 'null', account: [{ path: [], kind: 'lost', reason: 'contaminated' }] }),
    decode: (text) => JSON.parse(text),
  },
} satisfies { [name: string]: Codec };

const named = recipes.map((recipe): [string, Recipe] => [recipe.name, recipe]);

describe('the healthy codec', () => {
  it.each(named)('%s: nothing breaks, and what is data comes back as it is', (_, recipe) => {
    const { history, broken } = carriedBy(codecs.healthy, recipe);
    expect(broken).toEqual([]);
    if (recipe.foreign?.length !== 0 || recipe.disguised !== undefined) return;
    const carried = carriedValuesOf(history).values.filter(({ producer }) => producer === 'data');
    expect(carried.length).toBeGreaterThan(3);
    expect(carried.flatMap(({ differences }) => differences)).toEqual([]);
  });
});

describe('other codecs', () => {
  it('plain JSON', () => {
    expect(damagesBy(codecs.json)).toMatchInlineSnapshot(`
      {
        "corrupted, lost (silent, code ran)": "lying-to-json",
        "corrupted, type changed (silent)": "regular-expression error-with-cause map set map-of-live-keys",
        "crashed": "bigint boxed-bigint cycle list-in-itself deep-nesting throwing-getter throwing-to-json module-namespace class-instance agent-in-cycle socket timer execution-context revoked-proxy",
        "lost (silent)": "function callback built-in-function bound-function async-function class spy symbol symbol-value undefined nan infinity negative-infinity invalid-date sparse-array list-with-a-property symbol-key hidden-property engine-class",
        "lost (silent, code ran)": "mock",
        "lost, type changed (silent)": "dispatcher",
        "type changed (silent)": "date typed-array buffer array-buffer promise generator async-generator weak-reference weak-map weak-set own-module-namespace current-module agent-instance registry private-fields instance-without-name database-session abort-signal user-context huge-string",
        "type changed (silent, code ran)": "accessor-with-side-effects inherited-to-json",
        "whole": "negative-zero boxed-number boxed-text boxed-boolean shared-reference prototype-key prototype-key-in-depth constructor-key proxy lone-surrogate control-characters tag-like-text long-text clean-target frozen-object null-prototype-object tag-like-object wide-object",
        "whole (code ran)": "trapped-proxy",
      }
    `);
  });

  it('JSON with a default that writes text', () => {
    expect(damagesBy(codecs.stringDefault)).toMatchInlineSnapshot(`
      {
        "corrupted, lost (silent, code ran)": "lying-to-json",
        "corrupted, type changed (silent)": "regular-expression error-with-cause map set map-of-live-keys",
        "crashed": "boxed-bigint cycle list-in-itself deep-nesting throwing-getter throwing-to-json module-namespace class-instance agent-in-cycle socket timer execution-context revoked-proxy",
        "lost (silent)": "undefined nan infinity negative-infinity invalid-date sparse-array list-with-a-property symbol-key hidden-property",
        "type changed (silent)": "bigint date typed-array buffer array-buffer promise generator async-generator weak-reference weak-map weak-set agent-instance registry private-fields instance-without-name abort-signal user-context huge-string",
        "type changed (silent, code ran)": "accessor-with-side-effects inherited-to-json mock",
        "type changed (unclean, silent)": "function callback built-in-function bound-function async-function class spy symbol symbol-value own-module-namespace current-module dispatcher database-session engine-class",
        "whole": "negative-zero boxed-number boxed-text boxed-boolean shared-reference prototype-key prototype-key-in-depth constructor-key proxy lone-surrogate control-characters tag-like-text long-text clean-target frozen-object null-prototype-object tag-like-object wide-object",
        "whole (code ran)": "trapped-proxy",
      }
    `);
  });

  it('a deep copy on the way, then JSON', () => {
    expect(damagesBy(codecs.copied)).toMatchInlineSnapshot(`
      {
        "corrupted, type changed (silent)": "regular-expression error-with-cause map set",
        "crashed": "function callback built-in-function bound-function async-function class spy symbol symbol-value bigint boxed-bigint map-of-live-keys promise generator async-generator cycle list-in-itself deep-nesting throwing-getter lying-to-json throwing-to-json weak-reference weak-map weak-set module-namespace own-module-namespace current-module class-instance agent-in-cycle registry dispatcher database-session socket timer execution-context user-context engine-class proxy trapped-proxy revoked-proxy mock",
        "lost (silent)": "undefined nan infinity negative-infinity invalid-date sparse-array list-with-a-property symbol-key hidden-property",
        "type changed (silent)": "date typed-array buffer array-buffer inherited-to-json agent-instance private-fields instance-without-name abort-signal huge-string",
        "type changed (silent, code ran)": "accessor-with-side-effects",
        "whole": "negative-zero boxed-number boxed-text boxed-boolean shared-reference prototype-key prototype-key-in-depth constructor-key lone-surrogate control-characters tag-like-text long-text clean-target frozen-object null-prototype-object tag-like-object wide-object",
      }
    `);
  });

  it.each(['text', 'lazy'] as const)(
    '%s: an object as text, or an account that stands for everything, never passes',
    (name) => {
      for (const recipe of recipes)
        expect([recipe.name, ...carriedBy(codecs[name], recipe).broken]).toContain('unclean');
    },
  );
});

/** Which damage is done to which recipes. */
function damagesBy(codec: Codec): { [damage: string]: string } {
  const names: { [damage: string]: string } = {};
  for (const recipe of recipes) {
    const damage = damageBy(codec, recipe);
    names[damage] = names[damage] === undefined ? recipe.name : `${names[damage]} ${recipe.name}`;
  }
  return names;
}

/** `crashed`, or what was done without a word (kinds of damage, `code ran`), or `named`, or `whole`. */
function damageBy(codec: Codec, recipe: Recipe): string {
  let carried: ReturnType<typeof carriedBy>;
  try {
    carried = carriedBy(codec, recipe);
  } catch {
    return 'crashed';
  }
  const { history, broken } = carried;
  const values = carriedValuesOf(history).values.filter(
    ({ producer, road }) => producer === 'data' && road === 'cache',
  );
  const unexplained = values.flatMap(({ account, differences }) => {
    const owned = new Account(account);
    return differences.filter((difference) => !owned.explains(difference)).map(({ damage }) => damage);
  });
  const differs = values.some(({ differences }) => differences.length > 0);
  const silently = [...new Set(unexplained)].sort().join(', ');
  const what = silently === '' ? (differs ? 'named' : 'whole') : silently;
  return `${what}${broken.length === 0 ? '' : ` (${broken.join(', ')})`}`;
}

function carriedBy(codec: Codec, recipe: Recipe) {
  const clean = cleanResult('alice', 'run-1', 'data');
  const ran: EventDraft[] = [];
  const { result, poisoned } = poison(
    structuredClone(clean),
    [{ index: 0, path: ['metrics', 'total'], recipe: recipe.name }],
    ({ path, recipe: of }, code) => ran.push(ranDraft(path, of, code)),
  );
  const { text, account } = codec.encode(result);
  const data = codec.decode(text);
  const put = poisoned.map((each) => each.poisoned);
  const drafts = caseOf({
    user: 'alice',
    run: 'run-1',
    poison: { data: put },
    carry: (of) =>
      of.agent === 'data'
        ? { data, account: account.map((each) => ({ ...each, path: [...each.path] })) }
        : losing(of),
  });
  const history = historyOf([...drafts, ...ran]);
  const invariants = {
    unclean: storedAndSentValuesAreClean,
    silent: nothingIsLostSilently,
    inexact: cleanResultsComeBackExactly,
    siblings: poisonSpoilsNoSiblings,
    'code ran': noForeignCodeIsRun,
  };
  const broken = Object.entries(invariants).flatMap(([name, invariant]) =>
    invariant.check(history).verdict.is === 'broken' ? [name] : [],
  );
  return { history, broken };
}

function ranDraft(path: Poisoned['path'], recipe: string, code: string): EventDraft {
  const about = { actor: 'agent:data', user: 'alice', run: 'run-1', producer: 'data' };
  return { type: 'foreign-code-ran', ...about, path, recipe, code };
}

function silent(write: (value: unknown) => string | undefined): Codec {
  return {
    encode: (value) => ({ text: write(value) ?? 'null', account: [] }),
    decode: (text) => JSON.parse(text),
  };
}
