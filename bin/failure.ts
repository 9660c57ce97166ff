import { exitCodes, HarnessError } from '../harness/errors.ts';
import { catalogue, PipelineError } from '../src/errors.ts';
import { StartRefused } from '../src/startup/start-refused.ts';
import { say } from './talk.ts';

/** Tells what went wrong and what to do about it, without a stack where it is not our own fault; gives the exit code. */
export function tellFailure(thrown: unknown): number {
  if (isAbort(thrown)) {
    say('Interrupted.');
    return exitCodes.interrupted;
  }
  if (thrown instanceof HarnessError) {
    say(`faultline: ${thrown.message}\n  ${thrown.remedy}`);
    if (thrown.kind === 'internal' && thrown.cause !== undefined) say(stackOf(thrown.cause));
    return exitCodes[thrown.kind];
  }
  if (thrown instanceof PipelineError) {
    // A wrong configuration names each remedy itself, and so does a start that was refused.
    const isUsage = thrown.code === 'CONFIGURATION_INVALID';
    const namesRemedy = isUsage || thrown instanceof StartRefused;
    say(`faultline: ${thrown.message}${namesRemedy ? '' : `\n  ${catalogue[thrown.code].remedy}`}`);
    return isUsage ? exitCodes.usage : exitCodes.environment;
  }
  say(`faultline: internal error: ${stackOf(thrown)}\n  Report it with the command that you ran.`);
  return exitCodes.internal;
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
