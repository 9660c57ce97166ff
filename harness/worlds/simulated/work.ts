import type { Case } from '../../case.ts';
import { examineWith } from '../../explore/examine.ts';
import type { History } from '../../history.ts';
import type { Defect } from '../../scenario.ts';
import type { DefectReference } from '../../world.ts';
import { defectNamed, scenarioNamed, versionsOf } from './loading.ts';
import type { Answer, Job } from './worker-protocol.ts';
import { playSimulated } from './world.ts';

/** Does one job of the pool, in a thread whose globals are replaced. */
export async function work(job: Job): Promise<Answer> {
  if (job.do === 'play') return { is: 'played', history: await play(job.playing, job) };
  const { playing, request } = job;
  const scenario = await scenarioNamed(request.module, request.scenario);
  const examination = await examineWith((toPlay: Case) => play(toPlay, request), playing, request, scenario);
  return { is: 'examined', examination };
}

async function play(
  playing: Case,
  how: { readonly defect?: DefectReference; readonly module?: string },
): Promise<History> {
  const defects = new Map<string | undefined, Defect>();
  if (how.defect !== undefined) defects.set(undefined, await defectNamed(how.defect.module, how.defect.name));
  for (const [version, { module, name }] of await versionsOf(playing, how.module))
    defects.set(version, await defectNamed(module, name));
  return playSimulated(playing, {
    parts: (healthy, version) => defects.get(version)?.parts(healthy) ?? healthy,
  });
}
