import type { Json, Poisoned } from '../../history.ts';

/** Calls `tell` for every string in a value, keys included. */
export function eachText(value: Json | undefined, tell: (text: string) => void): void {
  if (typeof value === 'string') tell(value);
  else if (Array.isArray(value)) for (const item of value) eachText(item, tell);
  else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      tell(key);
      eachText(value[key], tell);
    }
}

/** Every string in a value, but for what lies at or under a poisoned path. */
export function soundTexts(value: Json, poisoned: readonly Poisoned[]): Set<string> {
  const texts = new Set<string>();
  const paths = new Set(poisoned.map(({ path }) => path.map((step) => `/${step}`).join('')));
  const walk = (part: Json | undefined, path: string): void => {
    if (paths.has(path)) return;
    if (typeof part === 'string') texts.add(part);
    else if (Array.isArray(part)) part.forEach((item, index) => void walk(item, `${path}/${index}`));
    else if (typeof part === 'object' && part !== null)
      for (const key of Object.keys(part)) walk(part[key], `${path}/${key}`);
  };
  walk(value, '');
  return texts;
}
