import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Case } from '../harness/case.ts';
import type { ExaminationRequest } from '../harness/explore/examination.ts';
import { entryPoint } from '../harness/worlds/entry-point.ts';
import type { Figure } from './bench.ts';

/** Shares of the processor's time, by the part of the code that it was spent in: measured in a process of its own. */
export async function whereTheTimeGoes(
  cases: readonly Case[],
  request: ExaminationRequest,
): Promise<Figure[]> {
  const { url, execArgv } = entryPoint(import.meta.url, './profiled');
  const child = fork(url, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send({ cases, request });
  const [shares] = (await once(child, 'message')) as [Record<string, number>];
  return Object.entries(shares)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12)
    .map(([where, share]) => ({ what: `time in ${where}`, value: `${(share * 100).toFixed(1)} %` }));
}
