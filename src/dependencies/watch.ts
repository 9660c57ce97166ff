import { PipelineError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Dependency } from './dependency.ts';

/** What is known of one dependency while the pipeline serves; nobody looks oftener than it is needed. */
export interface Watch {
  /** Why it cannot serve now; null where it can. At once where that is known, else as soon as it answers. */
  trouble(): PipelineError | null | Promise<PipelineError | null>;
  /** It did its work: nobody need look for a while. */
  alive(): void;
  /** It failed somebody, and would have failed everybody: the next who wants to know looks again. */
  doubted(): void;
  /** Whether what was last heard of it was good, however long ago; so it is at the start, which looked at it. */
  wasWell(): boolean;
  /** Nobody looks any more. */
  close(): void;
}

/**
 * Bad news is kept exactly as long as good news: a dependency that died is noticed as soon as one that is back.
 * News that is about to be old is looked after in advance, so that nobody has to wait where many ask. After bad
 * news it is asked again and again until it is well, whoever wants to know: one that is slow to answer is known to
 * be back before somebody has to wait for that.
 */
export function createWatch(
  dependency: Dependency,
  options: { readonly clock: Clock; readonly ttlMs: number; readonly answerMs: number },
): Watch {
  const { clock, ttlMs, answerMs } = options;
  let known: { readonly at: number; readonly trouble: PipelineError | null } | null = null;
  let wasWell = true;
  let asking: Promise<PipelineError | null> | null = null;
  let isClosed = false;
  /** Ends the look that is under way. */
  let stopAsking = (): void => {};
  /** Undoes the timer for the next look after bad news. */
  let again: (() => void) | null = null;

  function lookAgain(ms: number): void {
    again?.();
    again = isClosed
      ? null
      : clock.after(ms, () => {
          again = null;
          if (!wasWell) asking ??= ask();
        });
  }

  function isWell(): void {
    again?.();
    again = null;
    known = { at: clock.now(), trouble: null };
    wasWell = true;
  }

  function ask(): Promise<PipelineError | null> {
    const controller = new AbortController();
    return new Promise((resolve) => {
      let isOver = false;
      const settle = (trouble: PipelineError | null): void => {
        if (isOver) return;
        isOver = true;
        asking = null;
        cancel();
        controller.abort(trouble);
        if (trouble === null) isWell();
        else {
          known = { at: clock.now(), trouble };
          wasWell = false;
          lookAgain(ttlMs);
        }
        resolve(trouble);
      };
      const cancel = clock.after(answerMs, () =>
        settle(new PipelineError(dependency.code, { detail: `no answer within ${answerMs} ms` })),
      );
      stopAsking = () => settle(new PipelineError(dependency.code, { detail: 'nobody looks any more' }));
      dependency.check(controller.signal).then(
        () => settle(null),
        (thrown: unknown) => settle(troubleOf(thrown, dependency)),
      );
    });
  }

  return {
    trouble() {
      const age = known === null ? Number.NaN : clock.now() - known.at;
      // A clock that was set back says nothing about how old the news is.
      const isFresh = age >= 0 && age < ttlMs;
      if (!isFresh || age > ttlMs / 2) asking ??= ask();
      return isFresh && known !== null ? known.trouble : (asking ?? null);
    },
    alive: isWell,
    doubted() {
      known = null;
      const isNews = wasWell;
      wasWell = false;
      // Else somebody looks already, or will when it is time.
      if (isNews) lookAgain(0);
    },
    wasWell: () => wasWell,
    close() {
      isClosed = true;
      again?.();
      again = null;
      stopAsking();
    },
  };
}

function troubleOf(thrown: unknown, { code }: Dependency): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  return new PipelineError(code, { detail: 'it does not work', cause: thrown });
}
