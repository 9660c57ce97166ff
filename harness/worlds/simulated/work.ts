import type { Case } from '../../case.ts';
import { examineWith } from '../../explore/examine.ts';
import type { History } from '../../history.ts';
import type { DefectReference } from '../../world.ts';
import { defectNamed, scenarioNamed } from './loading.ts';
import type { Answer, Job } from './worker-protocol.ts';
import { playSimulated } from './world.ts';

/** Does one job of the pool, in a thread whose globals are replaced. */
export async function work(job: Job): Promise<Answer> {
  if (job.do === 'play') return { is: 'played', history: await play(job.playing, job.defect) };
  const { playing, request } = job;
  const scenario = await scenarioNamed(request.module, request.scenario);
  const examination = await examineWith(
    (toPlay: Case) => play(toPlay, request.defect),
    playing,
    request,
    scenario,
  );
  return { is: 'examined', examination };
}

async function play(playing: Case, reference: DefectReference | undefined): Promise<History> {
  const defect = reference === undefined ? null : await defectNamed(reference.module, reference.name);
  return playSimulated(playing, defect === null ? {} : { parts: (healthy) => defect.parts(healthy) });
}
