import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { readCase, writeCase } from './case-file.ts';
import { HarnessError } from './errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-case-'));
const file = join(folder, 'case.json');
afterAll(() => rmSync(folder, { recursive: true }));

const playing: Case = {
  schema: 'faultline.case/1',
  scenario: 'by-hand/case',
  seed: 7,
  users: [
    {
      id: 'alice',
      arrivesAtMs: 0,
      confirms: 'all',
      actions: [
        { do: 'connect' },
        { do: 'ask', run: 'run-1', thread: 'thread-1', request: 'Why is it so dear?' },
      ],
    },
  ],
  model: [{ user: 'alice', run: 'run-1', sufficiency: 'sufficient', chunks: 3 }],
  faults: [{ at: { wire: 'agent', kind: 'data' }, fate: { do: 'fail', error: 'AgentCrashed' } }],
  contaminations: [
    {
      at: { wire: 'agent', user: 'alice', run: 'run-1', kind: 'data', count: 1 },
      path: ['metrics', 0],
      recipe: 'function',
    },
  ],
  schedule: [],
};

async function refusal(text: string): Promise<string> {
  writeFileSync(file, text);
  const error = await readCase(file).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HarnessError);
  expect(error).toMatchObject({ kind: 'usage', remedy: expect.stringMatching(/\w/) });
  return (error as HarnessError).message;
}

describe('a case on disk', () => {
  it('comes back as it was, and can be read by people', async () => {
    await writeCase(file, playing);
    expect(await readCase(file)).toEqual(playing);
    expect(readFileSync(file, 'utf8')).toContain('\n  "scenario": "by-hand/case",\n');
  });
});

describe('a file that is no case', () => {
  const bent = (changes: object): string => JSON.stringify({ ...playing, ...changes });

  it.each([
    ['{"schema":', 'it is not JSON'],
    ['[]', 'it does not say "schema": "faultline.case/1"'],
    [bent({ schema: 'faultline.case/9' }), 'its version is faultline.case/9'],
    [bent({ schema: 'faultline.report/1' }), 'it does not say'],
    [bent({ users: [] }), 'users: Too small'],
    [bent({ users: [{ ...playing.users[0], id: '../../etc' }] }), 'users.0.id: '],
    [bent({ surprise: 1 }), '(whole): Unrecognized key: "surprise"'],
    [bent({ seed: 1.5 }), 'seed: '],
    [JSON.stringify(playing).replace('{', '{"__proto__":{"a":1},'), 'it has a key "__proto__"'],
    [`${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'nested deeper than'],
  ])('is refused, and it is said where and why', async (text, reason) => {
    expect(await refusal(text)).toContain(reason);
  });

  it('is told of without what a terminal would act on', async () => {
    await expect(readCase(join(folder, 'no\u001b[31mne'))).rejects.toThrow('no[31mne: there is no such file');
    expect(await refusal(bent({ '\u001b]0;x\u0007': 1 }))).not.toMatch(/[\u0007\u001b]/);
  });

  it('tells a few of many mistakes', async () => {
    const many = bent({ faults: Array.from({ length: 50 }, () => 7) });
    expect((await refusal(many)).split('\n')).toHaveLength(10);
    expect(await refusal(many)).toContain('and 42 more');
  });

  it('is refused unread where it is too large', async () => {
    writeFileSync(file, '{}');
    truncateSync(file, 10 * 1024 * 1024 + 1);
    await expect(readCase(file)).rejects.toThrow('it has 10485761 bytes, and at most 10485760 are read');
  });

  it('is refused where it is no file', async () => {
    await expect(readCase('/dev/zero')).rejects.toThrow('it is no regular file');
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(readCase(pipe)).rejects.toThrow('it is no regular file');
    await expect(readCase(join(folder, 'none.json'))).rejects.toThrow('there is no such file');
  });
});
