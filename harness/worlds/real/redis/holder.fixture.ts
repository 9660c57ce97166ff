import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reaping } from '../reaping.ts';
import { runIdentity } from '../run-identity.ts';
import { openRedis } from './open-redis.ts';

// A run that opens a Redis, says what it has, and holds it until it is killed: for tests.
const [, , wish = 'any'] = process.argv;
const redis = await openRedis(wish, { env: process.env, progress: () => {} });
const run = runIdentity();
const folder = readdirSync(tmpdir()).find((name) => name.includes(`-${run}-`)) ?? 'none';
process.stdout.write(
  `${JSON.stringify({ port: redis.address.port, run, folder: join(tmpdir(), folder), reaper: reaping().pid })}\n`,
);
setInterval(() => {}, 60_000);
