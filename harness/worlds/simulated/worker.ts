import { parentPort } from 'node:worker_threads';
import { replaceGlobals } from './globals.ts';
import type { Answer, Failure, Job } from './worker-protocol.ts';

// First the globals, then everything else: whoever is imported below sees virtual time only.
replaceGlobals();
const { work } = await import('./work.ts');

const port = parentPort;
if (port === null) throw new Error('worker.ts is started as a worker thread by pool.ts');

port.on('message', (job: Job) => {
  work(job).then(
    (answer) => port.postMessage(answer),
    (thrown) => port.postMessage({ is: 'failed', failure: failureOf(thrown) } satisfies Answer),
  );
});
port.postMessage({ is: 'ready' } satisfies Answer);

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { kind, remedy } = thrown as { kind?: Failure['kind']; remedy?: string };
  return {
    message: thrown.message,
    ...(kind === undefined ? {} : { kind }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
  };
}
