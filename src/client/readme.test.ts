import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { redisMissing, startRedisServer } from '../delivery/redis-server.fixture.ts';
import { startTestPipeline, tokenFor } from '../gateway/test-pipeline.fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('the example in the README works, against the built package', { timeout: 60_000 }, async (context) => {
  if (redisMissing !== null) context.skip(redisMissing);
  expect(existsSync(join(root, 'dist/src/client/node.js')), 'build first: npm run build').toBe(true);
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, example = ''] = /<!-- example:client\.mjs -->\n```js\n([\s\S]*?)```/.exec(readme) ?? [];
  mkdirSync(join(root, '.faultline'), { recursive: true });
  // Inside the package, so that its own name is found, as it is in a project that depends on it.
  const folder = mkdtempSync(join(root, '.faultline', 'client-'));
  const redis = await startRedisServer();
  const pipeline = await startTestPipeline({
    redisPort: redis.port,
    supervisor: {
      run: (_context, means) =>
        means.emit('run_completed', 'supervisor', {
          status: 'complete',
          report: {},
          account: [],
          missing: [],
          model: 'none',
        }),
    },
  });
  try {
    writeFileSync(join(folder, 'client.mjs'), example);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'client.mjs')], {
      env: { ...process.env, GATEWAY_URL: pipeline.webSocketUrl, TOKEN: tokenFor('alice') },
    });
    expect(stdout).toBe('run_completed\ncomplete\n');
  } finally {
    await pipeline.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
