import { say } from './talk.ts';

/** Ctrl-C: the first ends the work in good order, with what was found so far; the second gives up waiting. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops listening. */
  done(): void;
}

export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    say('Interrupted: ending with what was found so far (again: at once).');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
