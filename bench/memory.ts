import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RedisOptions } from 'ioredis';
import { SignJWT } from 'jose';
import { entryPoint } from '../harness/worlds/entry-point.ts';
import type { Figure } from './bench.ts';
import { benchJwt } from './delivery-wire.ts';
import type { Memory } from './memory-server.ts';

/** Runs in all; what the first of them leave is code that was compiled and tables that were filled. */
const runs = 10_000;
const warm = 2_000;
const looks = 5;
const together = 8;
const mebibyte = 1024 * 1024;
/** What a run may leave behind in its process on average, bytes. */
const leftMost = 100;

/** What ten thousand whole runs leave in one process: the pipeline of production with a scripted model, over HTTP. */
export async function memoryOn(redis: RedisOptions): Promise<readonly Figure[]> {
  const { url, execArgv } = entryPoint(import.meta.url, './memory-server');
  const child = fork(fileURLToPath(url), [], {
    env: { ...process.env, FAULTLINE_BENCH_REDIS: JSON.stringify(redis) },
    execArgv: [...execArgv, '--expose-gc'],
  });
  try {
    const [{ url: base }] = (await once(child, 'message')) as [{ url: string }];
    const token = await tokenOf('bench');
    const figures: Figure[] = [];
    let played = 0;
    const measures: { readonly played: number; readonly memory: Memory }[] = [];
    for (let look = 1; look <= looks; look++) {
      const until = (runs * look) / looks;
      await Promise.all(
        Array.from({ length: together }, async () => {
          while (played < until) await playOne(base, token, ++played);
        }),
      );
      const memory = await memoryOf(child);
      measures.push({ played, memory });
      figures.push({
        what: `after ${played} runs: held, resident`,
        value: `${(memory.held / mebibyte).toFixed(1)}, ${(memory.resident / mebibyte).toFixed(0)} MiB`,
      });
    }
    const [first, last] = [measures.find((each) => each.played >= warm), measures.at(-1)];
    if (first === undefined || last === undefined) throw new Error('nothing was measured');
    const left = (last.memory.held - first.memory.held) / (last.played - first.played);
    const goal = { says: `<= ${leftMost} bytes`, met: left <= leftMost };
    return [
      ...figures,
      {
        what: `left by a run, from ${first.played} to ${last.played}`,
        value: `${left.toFixed(1)} bytes`,
        goal,
      },
    ];
  } finally {
    child.kill('SIGKILL');
  }
}

/** Each asks for something else: nothing is answered out of the cache. */
async function playOne(base: string, token: string, number: number): Promise<void> {
  const reply = await fetch(`${base}/runs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({
      run_id: `run-${number}`,
      thread_id: 'thread-1',
      payload: { user_request: `Why did our costs rise in week ${number}?` },
    }),
  });
  const text = await reply.text();
  if (!text.includes('"run_completed"'))
    throw new Error(`run ${number} was not answered: ${text.slice(-300)}`);
}

async function memoryOf(child: ChildProcess): Promise<Memory> {
  const told = once(child, 'message');
  child.send('memory');
  const [memory] = (await told) as [Memory];
  return memory;
}

function tokenOf(user: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setAudience(benchJwt.audience)
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(benchJwt.secret));
}
