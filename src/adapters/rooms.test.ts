import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { entryPoint } from '../../harness/worlds/entry-point.ts';

it('a process that cannot be started for want of descriptors is told as gone, and ends nobody', async () => {
  const { url, execArgv } = entryPoint(import.meta.url, './rooms.fixture');
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -n 64; exec "$@"',
    'sh',
    process.execPath,
    ...execArgv,
    fileURLToPath(url),
  ]);
  expect(JSON.parse(stdout)).toEqual({ by: 'exit', code: 'SPAWN_FAILED' });
});
