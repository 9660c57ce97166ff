import { Session } from 'node:inspector/promises';
import type { Case } from '../harness/case.ts';
import type { ExaminationRequest } from '../harness/explore/examination.ts';
import { replaceGlobals } from '../harness/worlds/simulated/globals.ts';

// Plays cases in this process's own thread, as a worker of the pool would, under the sampling profiler.
replaceGlobals();
const { work } = await import('../harness/worlds/simulated/work.ts');

process.once('message', async ({ cases, request }: { cases: Case[]; request: ExaminationRequest }) => {
  for (const playing of cases.slice(0, 40)) await work({ do: 'examine', playing, request }); // warm
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  for (const playing of cases) await work({ do: 'examine', playing, request });
  const { profile } = await session.post('Profiler.stop');
  const hits: Record<string, number> = {};
  let all = 0;
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    const where = partOf(callFrame.url, callFrame.functionName);
    hits[where] = (hits[where] ?? 0) + hitCount;
    all += hitCount;
  }
  process.send?.(Object.fromEntries(Object.entries(hits).map(([where, count]) => [where, count / all])), () =>
    process.exit(0),
  );
});

/** A package, a room of ours with its folder, `node`, or what the engine does beside. */
function partOf(url: string, name: string): string {
  const foreign = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (foreign !== undefined) return foreign;
  if (url.startsWith('node:')) return `node: ${url.slice(5).split('/').slice(0, 2).join('/')}`;
  const own = /\/(src|harness|scenarios)\/([^/.]+)/.exec(url);
  if (own !== null) return `${own[1]}/${own[2]}`;
  return name.startsWith('(') ? name : 'engine';
}
