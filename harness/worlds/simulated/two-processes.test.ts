import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { entryPoint } from '../entry-point.ts';
import { hashesOf, someCases } from './determinism.fixture.ts';

const count = 200;

it(`gives the same histories in two processes, byte for byte, for ${count} seeds`, async () => {
  const { url, execArgv } = entryPoint(import.meta.url, './determinism.fixture');
  const other = fork(url, ['as-a-process', String(count)], { execArgv });
  const [here, [there]] = await Promise.all([hashesOf(someCases(count)), once(other, 'message')]);
  expect(there).toEqual(here);
  expect(new Set(here).size).toBe(count);
}, 180_000);
