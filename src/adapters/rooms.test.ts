import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fromSource } from './from-source.fixture.ts';

const entry = fileURLToPath(new URL('./rooms.fixture.ts', import.meta.url));
const run = promisify(execFile);

it('a process that cannot be started for want of descriptors is told as gone, and ends nobody', async () => {
  const command = [process.execPath, ...fromSource, entry, 'without-descriptors'];
  const { stdout } = await run('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...command]);
  expect(JSON.parse(stdout)).toEqual({ by: 'exit', code: 'SPAWN_FAILED' });
});

it('a process is started also from a folder whose name a URL has to encode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'a folder of 100 % '));
  try {
    cpSync(fileURLToPath(new URL('..', import.meta.url)), join(folder, 'src'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const { stdout } = await run(process.execPath, [
      ...fromSource,
      join(folder, 'src', 'adapters', 'rooms.fixture.ts'),
    ]);
    expect(JSON.parse(stdout)).toEqual({ did: 'load' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
