import { describe, expect, it } from 'vitest';
import type { Dependency } from '../dependencies/dependency.ts';
import { PipelineError } from '../errors.ts';
import { createLog } from '../log.ts';
import { ManualClock, settled } from '../supervisor/manual-clock.fixture.ts';
import type { Supervisor } from '../supervisor/run-means.ts';
import { SupervisorRefused } from '../supervisor/validate-dependencies.ts';
import { StartRefused } from './start-refused.ts';
import { type StartUpMeans, startUpChecked } from './start-up.ts';

const supervisor: Supervisor = { run: async () => {} };
const works = async (): Promise<void> => {};
const unreachable = async (): Promise<void> => {
  throw new PipelineError('MODEL_UNREACHABLE', { detail: 'no connection' });
};

function model(check: Dependency['check'], changes: Partial<Dependency> = {}): Dependency {
  return {
    name: 'model',
    setting: 'MODEL_URL',
    purpose: 'answers',
    given: {},
    code: 'MODEL_UNREACHABLE',
    check,
    ...changes,
  };
}

function redis(check: Dependency['check'], changes: Partial<Dependency> = {}): Dependency {
  return model(check, { name: 'redis', setting: 'REDIS_URL', code: 'STORE_UNAVAILABLE', ...changes });
}

/** What came of a start once this much time has passed. */
async function startWith(changes: Partial<StartUpMeans>, ms = 60_000) {
  const clock = new ManualClock();
  const lines: { missing?: string[]; err?: { stack: string } }[] = [];
  const log = createLog({
    clock,
    level: 'debug',
    secrets: [],
    sink: { write: (line) => lines.push(JSON.parse(line)) },
  });
  const outcome = startUpChecked({
    dependencies: [model(works), redis(works)],
    createSupervisor: () => supervisor,
    environment: 'production',
    degraded: false,
    clock,
    log,
    redact: (text) => text.replaceAll('hush-hush', '[redacted]'),
    bounds: { tries: 3, pauseMs: 1_000, checkMs: 5_000 },
    closing: new AbortController().signal,
    ...changes,
  }).catch((thrown: unknown) => thrown);
  await clock.pass(ms);
  const told = await outcome;
  return { told, lines, clock };
}

describe('a start', () => {
  it('gives the supervisor where everything is there and works', async () => {
    const { told, clock } = await startWith({});
    expect(told).toEqual({ supervisor });
    expect(clock.pending).toBe(0);
  });

  it('names everything that is missing at once: what to set, what it is for, what was found', async () => {
    const { told } = await startWith({
      dependencies: [model(unreachable), redis(works, { given: null })],
      createSupervisor: () => {
        throw new SupervisorRefused([
          { part: 'tools', what: 'the tool a' },
          { part: 'tools', what: 'the tool b' },
        ]);
      },
    });
    expect(told).toBeInstanceOf(StartRefused);
    expect((told as StartRefused).message.split('\n')).toEqual([
      'SERVICE_NOT_READY: it cannot start without what follows',
      '  model: no connection (MODEL_URL: answers)',
      '  redis: it is null (REDIS_URL: answers)',
      '  tools: it lacks the tool a, the tool b (createPipeline: the supervisor works with it)',
    ]);
  });

  it('says why the supervisor cannot be made, without secrets, and keeps the whole of it for the log', async () => {
    const createSupervisor = () => {
      throw new TypeError('no place for hush-hush\nnor for more');
    };
    const { told, lines } = await startWith({ createSupervisor });
    expect(told).toMatchObject({
      code: 'CONFIGURATION_INVALID',
      lacks: [{ name: 'supervisor', found: 'it cannot be made: no place for [redacted]' }],
    });
    expect(lines).toMatchObject([
      { err: { type: 'TypeError', stack: expect.stringContaining('start-up.test') } },
    ]);
  });

  it.each([
    ['missing', undefined, 'it is missing'],
    ['null', null, 'it is null'],
  ])('does not wait for what is %s, and asks nothing of it', async (_what, given, found) => {
    let asked = 0;
    const check = async () => {
      asked += 1;
    };
    const { told } = await startWith({ dependencies: [model(check, { given })] }, 0);
    expect(told).toMatchObject({ code: 'CONFIGURATION_INVALID', lacks: [{ name: 'model', found }] });
    expect(asked).toBe(0);
  });

  it('looks three times, with pauses, for what may come later', async () => {
    let asked = 0;
    const late = async () => {
      asked += 1;
      if (asked < 3) await unreachable();
    };
    const { told, lines } = await startWith({ dependencies: [model(late)] });
    expect(told).toEqual({ supervisor });
    expect(lines).toMatchObject([
      { missing: ['model'], attempt: 1 },
      { missing: ['model'], attempt: 2 },
    ]);
    asked = -10;
    expect((await startWith({ dependencies: [model(late)] })).told).toMatchObject({
      code: 'SERVICE_NOT_READY',
      message: expect.stringContaining('looked for 3 times'),
    });
    expect(asked).toBe(-7);
  });

  it('does not wait for ever for one that does not answer, and lets go of the question', async () => {
    const signals: AbortSignal[] = [];
    const hangs = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<void>(() => {});
    };
    const { told } = await startWith({ dependencies: [model(hangs)] });
    expect(told).toMatchObject({ lacks: [{ found: 'no answer within 5000 ms' }] });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it('looks at nothing more, and makes nothing, once it was closed', async () => {
    let asked = 0;
    let made = 0;
    const createSupervisor = () => {
      made += 1;
      return supervisor;
    };
    const check = async () => {
      asked += 1;
    };
    for (const checked of [check, () => check().then(unreachable)]) {
      const { told } = await startWith({
        dependencies: [model(checked)],
        createSupervisor,
        closing: AbortSignal.abort(),
      });
      expect(told).toMatchObject({ code: 'SERVICE_NOT_READY', detail: 'closed while it started' });
    }
    expect([asked, made]).toEqual([2, 0]);
  });

  it('waits neither for a pause nor for an answer once it was closed', async () => {
    const silent = (): Promise<void> => new Promise(() => {});
    for (const checked of [unreachable, silent]) {
      const controller = new AbortController();
      const clock = new ManualClock();
      const starting = startWith({ dependencies: [model(checked)], closing: controller.signal, clock }, 0);
      await settled();
      expect(clock.pending).toBe(1);
      controller.abort();
      expect((await starting).told).toMatchObject({ detail: 'closed while it started' });
      expect(clock.pending).toBe(0);
    }
  });

  it('goes on without only in development, and only where that was asked for', async () => {
    const dependencies = [model(unreachable)];
    for (const [environment, degraded] of [
      ['production', true],
      ['staging', true],
      ['development', false],
    ] as const) {
      const { told } = await startWith({ dependencies, environment, degraded });
      expect(told).toBeInstanceOf(StartRefused);
    }
    const { told } = await startWith({ dependencies, environment: 'development', degraded: true });
    expect(told).toMatchObject({ lacks: [{ name: 'model', code: 'MODEL_UNREACHABLE' }] });
  });
});
