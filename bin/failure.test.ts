import { afterEach, expect, it, vi } from 'vitest';
import { PipelineError } from '../src/errors.ts';
import { tellFailure } from './failure.ts';

const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => said.mockClear());

it.each([
  [new PipelineError('CONFIGURATION_INVALID', { detail: 'PORT is malformed' }), 2, 'PORT is malformed'],
  [new PipelineError('STORE_UNAVAILABLE', { detail: 'Redis is away' }), 3, 'Check REDIS_URL'],
  [new Error('nobody caught this'), 4, 'Report it'],
])('tells %s by its exit code, with the cause and what to do', (thrown, code, remedy) => {
  expect(tellFailure(thrown)).toBe(code);
  const text = said.mock.calls.join('');
  expect(text).toContain(thrown.message);
  expect(text).toContain(remedy);
});
