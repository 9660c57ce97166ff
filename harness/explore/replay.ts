import type { Case } from '../case.ts';
import type { Examination, ExaminationRequest } from './examination.ts';
import { type ExaminationRoom, unlessInterrupted } from './examine.ts';
import { type Failure, shows, violationsOf } from './failure.ts';

export interface ReplayOptions {
  readonly playing: Case;
  readonly room: ExaminationRoom;
  readonly request: ExaminationRequest;
  readonly times: number;
  /** What is looked for (default: any violation). */
  readonly failure?: Failure;
  readonly signal?: AbortSignal;
}

/** `k` of `n` plays failed, or failed in the way looked for. `n` is smaller than asked where a signal ended it. */
export interface Replay {
  readonly k: number;
  readonly n: number;
  /** With histories, in the order of the plays. */
  readonly examinations: readonly Examination[];
}

/** Plays exactly one case, again and again, and judges each play. */
export async function replay({
  playing,
  room,
  request,
  times,
  failure,
  signal,
}: ReplayOptions): Promise<Replay> {
  const examinations: Examination[] = [];
  while (examinations.length < times && !signal?.aborted) {
    const examining = room.examine(playing, { ...request, keepHistory: true });
    const examination = await unlessInterrupted(signal, examining);
    if (examination !== undefined) examinations.push(examination);
  }
  const failed = examinations.filter((examination) =>
    failure === undefined ? violationsOf(examination).length > 0 : shows(examination, failure),
  );
  return { k: failed.length, n: examinations.length, examinations };
}
