import { PipelineError } from '../errors.ts';
import type { UsageSource } from '../ports.ts';
import type { Dependency } from './dependency.ts';

/** The source of usage records can be read. */
export function usageDependency(usage: UsageSource): Dependency {
  return {
    name: 'usage',
    setting: 'USAGE_SOURCE',
    purpose: 'holds what the tools tell of the use of models',
    given: usage,
    code: 'SERVICE_NOT_READY',
    async check(signal) {
      try {
        await usage.check?.(signal);
      } catch (thrown) {
        if (thrown instanceof PipelineError) throw thrown;
        throw new PipelineError('SERVICE_NOT_READY', { detail: 'it cannot be read', cause: thrown });
      }
    },
  };
}
