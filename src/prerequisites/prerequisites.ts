import type { PipelineConfig } from '../config.ts';
import { catalogue, PipelineError } from '../errors.ts';
import type { Clock } from '../ports.ts';

/** Who wants a run, as the token says. */
export interface RunAsked {
  readonly userId: string;
  /** What the token's `scope` grants; absent: the token has none. */
  readonly scopes?: readonly string[];
}

/** One thing without which a run would fail. What a user asks for and how much was looked at before: see the context. */
export interface Prerequisite {
  readonly name: 'permissions' | 'registry' | 'stores' | 'model';
  /** Why a run cannot succeed; null: nothing is known against it. At once wherever that is known. */
  find(asked: RunAsked): PipelineError | null | Promise<PipelineError | null>;
  /** Whether it was well when it was last heard of: then it refuses no run by being slow to say so again. */
  readonly wasWell?: () => boolean;
}

export interface PrerequisitesMeans {
  readonly clock: Clock;
  readonly checks: readonly Prerequisite[];
  readonly bounds: Pick<PipelineConfig['prerequisites'], 'level' | 'deadlineMs'>;
  /** A prerequisite was not met, or nobody knew in time: for logs and `/metrics`. */
  failed(name: Prerequisite['name'], trouble: PipelineError, refused: boolean): void;
}

/** Looks at what a run needs before anything is spent on it. */
export interface Prerequisites {
  /** Rejects with PREREQUISITE_FAILED, which names each check that failed, or PERMISSION_DENIED. */
  check(asked: RunAsked): Promise<void>;
}

/**
 * All at the same time, within the deadline. `strict`: a check that gives no answer by then counts as failed, unless
 * the last that it gave was good. `permissive`: only what is known for certain refuses a run.
 */
export function createPrerequisites({ bounds, checks, clock, failed }: PrerequisitesMeans): Prerequisites {
  const { deadlineMs, level } = bounds;

  async function inTime(
    found: Promise<PipelineError | null>,
    wasWell: () => boolean,
  ): Promise<Finding | null> {
    let cancel = (): void => {};
    const late = new Promise<Finding>((resolve) => {
      cancel = clock.after(deadlineMs, () => {
        const detail = `no answer within ${deadlineMs} ms`;
        const trouble = new PipelineError('PREREQUISITE_FAILED', { detail });
        resolve({ trouble, refuses: level === 'strict' && !wasWell() });
      });
    });
    try {
      const certain = found.then((trouble) => (trouble === null ? null : { trouble, refuses: true }));
      return await Promise.race([certain, late]);
    } finally {
      cancel();
    }
  }

  return {
    async check(asked) {
      const troubles: { readonly name: Prerequisite['name']; readonly finding: Finding }[] = [];
      const asking: Promise<void>[] = [];
      for (const { name, find, wasWell = () => false } of checks) {
        const found = find(asked);
        if (found === null) continue;
        if (found instanceof PipelineError)
          troubles.push({ name, finding: { trouble: found, refuses: true } });
        else
          asking.push(
            inTime(found, wasWell).then((finding) => {
              if (finding !== null) troubles.push({ name, finding });
            }),
          );
      }
      if (asking.length > 0) await Promise.all(asking);
      const refusing = troubles.filter(({ name, finding }) => {
        failed(name, finding.trouble, finding.refuses);
        return finding.refuses;
      });
      const denied = refusing.find(({ finding }) => finding.trouble.code === 'PERMISSION_DENIED');
      if (denied !== undefined) throw denied.finding.trouble;
      if (refusing.length > 0)
        throw new PipelineError('PREREQUISITE_FAILED', {
          detail: refusing.map(({ name, finding }) => inWords(name, finding.trouble)).join('; '),
          cause: refusing[0]?.finding.trouble,
        });
    },
  };
}

interface Finding {
  readonly trouble: PipelineError;
  /** Where nobody knew in time, the level and what was known before decide. */
  readonly refuses: boolean;
}

function inWords(name: string, { code, detail }: PipelineError): string {
  const what = detail ?? catalogue[code].meaning;
  return code === 'PREREQUISITE_FAILED' ? `${name}: ${what}` : `${name}: ${what}, ${code}`;
}
