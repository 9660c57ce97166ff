import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { serveRoom } from '../execution/places/inside-room.ts';
import { LineReader } from './line-reader.ts';

/*
 * A process in which agents run. It hears on descriptor 3 and speaks on 4, and lives no longer than who started
 * it: an agent that spins would never notice that the gateway is gone, so a thread of its own looks for that.
 */
const parent = process.ppid;
new Worker(
  `setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL'); }, 500)`,
  { eval: true, execArgv: [] },
).unref();

const hear = serveRoom({ tell: (text) => writeWhole(Buffer.from(`${text}\n`)) });
const reader = new LineReader(Number.MAX_SAFE_INTEGER, { line: hear, tooLong: () => {} });
// A socket, as such a pipe is: a file's reads would keep the process from ending itself.
new Socket({ fd: 3, readable: true, writable: false })
  .on('data', (bytes) => reader.take(bytes))
  .on('error', () => process.exit(0))
  .on('close', () => process.exit(0));

/** At once and in full: what an agent said before it ended the process is heard. */
function writeWhole(bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(4, bytes, from);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown;
    }
  }
}
