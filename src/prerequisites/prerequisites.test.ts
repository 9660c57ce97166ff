import { describe, expect, it } from 'vitest';
import { PipelineError } from '../errors.ts';
import { ManualClock } from '../supervisor/manual-clock.fixture.ts';
import { createPrerequisites, type Prerequisite } from './prerequisites.ts';

const trouble = new PipelineError('MODEL_UNREACHABLE', { detail: 'no connection' });

async function checking(checks: Prerequisite[], level: 'strict' | 'permissive' = 'strict', ms = 100) {
  const clock = new ManualClock();
  const failed: string[] = [];
  const outcome = createPrerequisites({
    clock,
    checks,
    bounds: { level, deadlineMs: 100 },
    failed: (name, _trouble, refused) => failed.push(`${name} ${refused}`),
  })
    .check({ userId: 'alice' })
    .then(
      () => 'begun',
      (thrown: PipelineError) => thrown.message,
    );
  await clock.pass(ms);
  return { told: await outcome, failed, pending: clock.pending };
}

describe('prerequisites', () => {
  it('let a run begin at once where all is known to be well', async () => {
    const { told, failed, pending } = await checking(
      [
        { name: 'model', find: () => null },
        { name: 'stores', find: async () => null },
      ],
      'strict',
      0,
    );
    expect([told, failed, pending]).toEqual(['begun', [], 0]);
  });

  it('name every one that fails, with what was found', async () => {
    const { told, failed } = await checking([
      { name: 'stores', find: async () => new PipelineError('STORE_UNAVAILABLE') },
      { name: 'model', find: () => trouble },
      { name: 'registry', find: () => null },
    ]);
    expect(told).toBe(
      'PREREQUISITE_FAILED: model: no connection, MODEL_UNREACHABLE; stores: Redis could not be reached or refused the command., STORE_UNAVAILABLE',
    );
    expect(failed).toEqual(['model true', 'stores true']);
  });

  const never: Prerequisite = { name: 'model', find: () => new Promise(() => {}) };

  it('fail by name where there is no answer within the deadline', async () => {
    const { told, pending } = await checking([never]);
    expect(told).toBe('PREREQUISITE_FAILED: model: no answer within 100 ms');
    expect(pending).toBe(0);
  });

  it('refuse nothing for an answer that is late where the last one was good', async () => {
    const slow = (wasWell: boolean): Prerequisite[] => [{ ...never, wasWell: () => wasWell }];
    expect(await checking(slow(true))).toMatchObject({ told: 'begun', failed: ['model false'], pending: 0 });
    expect((await checking(slow(false))).told).toContain('no answer within 100 ms');
  });

  it('that are permissive refuse only for what is certain', async () => {
    expect(await checking([never], 'permissive')).toMatchObject({ told: 'begun', failed: ['model false'] });
    const { told } = await checking([never, { name: 'stores', find: () => trouble }], 'permissive');
    expect(told).toContain('stores: no connection');
    expect(told).not.toContain('model:');
  });

  it('tell a token that does not grant it as that, whatever else is missing', async () => {
    const denied = new PipelineError('PERMISSION_DENIED', { detail: 'the token grants no runs:start' });
    const { told } = await checking([
      { name: 'model', find: () => trouble },
      { name: 'permissions', find: () => denied },
    ]);
    expect(told).toBe('PERMISSION_DENIED: the token grants no runs:start');
  });
});
