import type { PipelineConfig } from '../config.ts';
import type { Dependency, Lack } from '../dependencies/dependency.ts';
import { codeOf, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import { SupervisorRefused } from '../supervisor/validate-dependencies.ts';
import { StartRefused } from './start-refused.ts';

/** What a start has at hand. */
export interface StartUpMeans {
  readonly dependencies: readonly Dependency[];
  /** Throws CONFIGURATION_INVALID where a part is missing. */
  createSupervisor(): Supervisor;
  readonly environment: PipelineConfig['environment'];
  /** Whether it was asked for in so many words that requests be refused rather than the start. */
  readonly degraded: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes secrets out of what is told of a lack. */
  redact(text: string): string;
  readonly bounds: PipelineConfig['startup'];
  /** It was closed meanwhile: what is looked at or made after that, nobody would close. */
  readonly closing: AbortSignal;
}

export const closedMeanwhile = 'closed while it started';

/** What serves; or, in the degraded mode, why nothing does. */
export type Started = { readonly supervisor: Supervisor } | { readonly lacks: readonly Lack[] };

/** Decides whether there is all that serving needs. Rejects with StartRefused where there is not. */
export type StartUp = (means: StartUpMeans) => Promise<Started>;

/**
 * Looks at everything at once, and again after a pause where what is missing may yet come. In development it may
 * start without, where that was asked for; nobody else is ever served without a supervisor.
 */
export const startUpChecked: StartUp = async (means) => {
  const { bounds, degraded, environment, log } = means;
  let supervisor: Supervisor | null = null;
  for (let attempt = 1; ; attempt++) {
    const lacks = await lacksOf(means);
    refuseClosed(means);
    try {
      supervisor ??= means.createSupervisor();
    } catch (thrown) {
      if (!(thrown instanceof SupervisorRefused))
        log.error({ code: 'CONFIGURATION_INVALID', err: thrown }, 'the supervisor cannot be made');
      lacks.push(...partsLacking(thrown, means));
    }
    if (lacks.length === 0 && supervisor !== null) return { supervisor };
    const names = lacks.map(({ name }) => name);
    const isLasting = lacks.some(({ code }) => code === 'CONFIGURATION_INVALID');
    if (!isLasting && attempt < bounds.tries) {
      log.warn({ missing: names, attempt }, 'not ready to start yet');
      await pause(means);
      refuseClosed(means);
      continue;
    }
    if (degraded && environment === 'development') {
      log.error({ code: 'SERVICE_NOT_READY', missing: names }, 'degraded: every request is refused');
      return { lacks };
    }
    throw new StartRefused(lacks, attempt);
  }
};

function refuseClosed({ closing }: StartUpMeans): void {
  if (closing.aborted) throw new PipelineError('SERVICE_NOT_READY', { detail: closedMeanwhile });
}

/** Until it is time to look again, or closed: nobody waits for a process that is going down. */
function pause({ bounds, clock, closing }: StartUpMeans): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      cancel();
      closing.removeEventListener('abort', go);
      resolve();
    };
    const cancel = clock.after(bounds.pauseMs, go);
    closing.addEventListener('abort', go, { once: true });
  });
}

async function lacksOf(means: StartUpMeans): Promise<Lack[]> {
  const looked = await Promise.all(means.dependencies.map((dependency) => lackOf(dependency, means)));
  return looked.filter((lack) => lack !== null);
}

async function lackOf(
  dependency: Dependency,
  { bounds, clock, closing }: StartUpMeans,
): Promise<Lack | null> {
  const { name, setting, purpose, given } = dependency;
  const lack = { name, setting, purpose };
  if (given === undefined) return { ...lack, found: 'it is missing', code: 'CONFIGURATION_INVALID' };
  if (given === null) return { ...lack, found: 'it is null', code: 'CONFIGURATION_INVALID' };
  const controller = new AbortController();
  let cancel = (): void => {};
  try {
    const late = new Promise<never>((_resolve, reject) => {
      const cancelTimer = clock.after(bounds.checkMs, () =>
        reject(new PipelineError(dependency.code, { detail: `no answer within ${bounds.checkMs} ms` })),
      );
      const leave = (): void => reject(new PipelineError('SERVICE_NOT_READY', { detail: closedMeanwhile }));
      closing.addEventListener('abort', leave, { once: true });
      cancel = () => {
        cancelTimer();
        closing.removeEventListener('abort', leave);
      };
    });
    await Promise.race([dependency.check(controller.signal), late]);
    return null;
  } catch (thrown) {
    return { ...lack, found: foundBy(thrown), code: codeOf(thrown, dependency.code) };
  } finally {
    cancel();
    controller.abort(looked);
  }
}

/** Why what a dependency was looked at with goes dead: the reason that the platform makes for each abort is dear. */
const looked = new PipelineError('SERVICE_NOT_READY', { detail: 'the look is over' });

function foundBy(thrown: unknown): string {
  return thrown instanceof PipelineError && thrown.detail !== undefined ? thrown.detail : 'it does not work';
}

/** The supervisor's own lacks, each by name; what else keeps it from being made is told as what it is. */
function partsLacking(thrown: unknown, { redact }: StartUpMeans): Lack[] {
  const lack = {
    setting: 'createPipeline',
    purpose: 'the supervisor works with it',
    code: 'CONFIGURATION_INVALID',
  } as const;
  if (!(thrown instanceof SupervisorRefused)) {
    const why = thrown instanceof Error ? `: ${redact(thrown.message).split('\n')[0]?.slice(0, 300)}` : '';
    return [{ ...lack, name: 'supervisor', found: `it cannot be made${why}` }];
  }
  return [...new Set(thrown.missing.map(({ part }) => part))].map((part) => {
    const what = thrown.missing.filter((each) => each.part === part).map((each) => each.what);
    return { ...lack, name: part, found: `it lacks ${what.join(', ')}` };
  });
}
