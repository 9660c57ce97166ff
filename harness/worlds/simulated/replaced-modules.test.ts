import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Ports } from '../../../src/ports.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** All files of the pipeline that a module needs, itself included. */
function needs(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(join(root, path), 'utf8');
  for (const [, specifier = ''] of text.matchAll(
    /^(?:import|export)(?! type)[^;]*? from '(\.{1,2}\/[^']+)'/gms,
  )) {
    needs(relative(root, join(root, dirname(path), specifier)), seen);
  }
  return seen;
}

it('replaces adapters and nothing else: the rest of the pipeline runs in a simulation as it is', () => {
  const simulated = [...needs('harness/worlds/simulated/world.ts')].filter((path) => path.startsWith('src/'));
  const everything = needs('src/index.ts');
  const replaced = [...everything].filter((path) => !simulated.includes(path));
  expect(simulated).toContain('src/pipeline.ts');
  expect(simulated).toContain('src/model/http-model-client.ts');
  expect(simulated.filter((path) => path.startsWith('src/adapters/'))).toEqual([]);
  // Beside adapters only what puts them together for production, and its model without a model.
  expect(replaced.filter((path) => !path.startsWith('src/adapters/')).sort()).toEqual([
    'src/environment.ts',
    'src/index.ts',
    'src/model/scripted-answers.ts',
    'src/model/scripted.ts',
    'src/serve.ts',
  ]);
});

it('fulfils every port', () => {
  const text = readFileSync(join(root, 'harness/worlds/simulated/instance-ports.ts'), 'utf8');
  const ports: { readonly [port in keyof Ports]: RegExp } = {
    clock: /^ {4}clock[:,]/m,
    ids: /^ {4}ids[:,]/m,
    dice: /^ {4}dice[:,]/m,
    listener: /^ {4}listener[:,]/m,
    fetch: /^ {4}fetch[:,]/m,
    redis: /^ {4}redis[:,]/m,
    usage: /^ {4}usage[:,]/m,
    memory: /^ {4}memory[:,]/m,
    rooms: /^ {4}rooms[:,]/m,
    log: /^ {4}log[:,]/m,
  };
  for (const pattern of Object.values(ports)) expect(text).toMatch(pattern);
});
