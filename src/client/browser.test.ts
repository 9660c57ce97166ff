import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** What a module needs at run time, itself included: paths from the root, and names of packages. */
function needs(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  if (!path.endsWith('.ts')) return seen;
  const text = readFileSync(join(root, path), 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export)(?! type)[^;]*? from '([^']+)'/gms))
    needs(specifier.startsWith('.') ? relative(root, join(root, dirname(path), specifier)) : specifier, seen);
  return seen;
}

it('the client needs nothing but the platform', () => {
  const needed = [...needs('src/client/index.ts')].filter((path) => !path.startsWith('src/client/'));
  expect(needed.sort()).toEqual([
    'src/adapters/client-platform.ts',
    'src/adapters/system-clock.ts',
    'src/errors.ts',
  ]);
  for (const path of needs('src/client/index.ts'))
    expect(readFileSync(join(root, path), 'utf8'), path).not.toMatch(
      /\b(process\.\w|Buffer\.\w|setImmediate\()/,
    );
});

it('on Node it needs ws as well', () => {
  expect([...needs('src/client/node.ts')].filter((path) => !path.endsWith('.ts'))).toEqual(['ws']);
});
