import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HarnessError } from './errors.ts';
import type { EventDraft } from './history.ts';
import { hashOf, historyText, readHistory, writeHistory } from './history-file.ts';
import { caseOf, historyOf } from './invariants/hand-history.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-history-'));
const file = join(folder, 'history.ndjson');
afterAll(() => rmSync(folder, { recursive: true }));

const whole = historyOf(
  caseOf(
    { user: 'alice', run: 'run-1', poison: { data: [{ path: ['metrics', 'series', 1], recipe: 'nan' }] } },
    { user: 'bob', run: 'run-1', failing: { data: { code: 'AGENT_FAILED' } } },
  ),
);

async function refusal(text: string | Uint8Array): Promise<string> {
  writeFileSync(file, text);
  return readHistory(file).then(
    () => 'was read',
    (error: unknown) => {
      expect(error).toBeInstanceOf(HarnessError);
      expect(error).toMatchObject({ kind: 'usage' });
      return (error as HarnessError).message.replace(file, 'FILE');
    },
  );
}

const header = '{"schema":"faultline.history/1"}\n';
const event = '{"seq":1,"at":0,"actor":"world","type":"case-ended","reason":"quiet"}\n';

describe('a history on disk', () => {
  it('comes back as it was, and leaves nothing else behind', async () => {
    await writeHistory(file, whole);
    expect(await readHistory(file)).toEqual(whole);
    expect(readdirSync(folder)).toEqual(['history.ndjson']);
  });

  it('holds every type of event', async () => {
    const user = { user: 'alice', connection: 'c' };
    const run = { user: 'alice', run: 'run-1' };
    const drafts: EventDraft[] = [
      { type: 'connection-refused', actor: 'a', ...user, status: 401, code: 'AUTH_TOKEN_INVALID' },
      { type: 'seen', actor: 'a', ...user, text: 'not JSON' },
      { type: 'confirmed', actor: 'a', ...run, sequence: 3 },
      { type: 'gave-up', actor: 'a', ...run, afterMs: 1.5 },
      { type: 'passed', actor: 'redis', message: 'redis>alice/run-1/get#1', parent: 1, bytes: 7 },
      { type: 'fault-fired', actor: 'faults', fault: 0, name: 'cut redis', fate: { do: 'cut' } },
      { type: 'fault-skipped', actor: 'faults', fault: 1, name: 'kill redis', why: 'not ours' },
      { type: 'constraint-holds', actor: 'faults', constraint: 0, atMostMs: 500 },
      { type: 'constraint-met', actor: 'faults', constraint: 0 },
      { type: 'constraint-expired', actor: 'faults', constraint: 1 },
      { type: 'tool-failed', actor: 'tool:t', ...run, tool: 't', call: 'c', code: 'X' },
      { type: 'agent-failed', actor: 'agent:a', ...run, agent: 'a', code: 'X' },
      {
        type: 'tool-returned',
        actor: 'tool:t',
        ...run,
        tool: 't',
        call: 'c',
        clean: { rows: [1] },
        poisoned: [
          {
            path: ['rows', 0],
            recipe: 'r',
            data: { id: 1 },
            foreign: [['on', 0]],
            disguised: [[]],
            carries: ['x', 1],
          },
        ],
      },
      {
        type: 'foreign-code-ran',
        actor: 'tool:t',
        ...run,
        producer: 't',
        path: ['rows', 0],
        recipe: 'r',
        code: 'getter',
      },
      { type: 'process-started', actor: 'world', process: 'gateway', instance: 1 },
      {
        type: 'process-exited',
        actor: 'world',
        process: 'gateway',
        instance: 1,
        cause: 'crashed',
        code: '1',
      },
      { type: 'health', actor: 'world', probe: 'ready', status: 200, body: { ready: true } },
      { type: 'metric', actor: 'world', name: 'runs', labels: { outcome: 'complete' }, value: 2 },
      {
        type: 'stored',
        actor: 'redis',
        store: 'redis',
        key: 'k',
        road: 'unknown',
        text: 'x',
        truncated: true,
        expires: false,
      },
    ];
    const history = historyOf(drafts);
    await writeHistory(file, history);
    expect(await readHistory(file)).toEqual(history);
  });

  it('may hold data of any name, which changes no prototype', async () => {
    const frame = JSON.parse('{"payload":{"result":{"__proto__":{"admin":true},"constructor":1}}}');
    const history = historyOf([{ type: 'sent', actor: 'a', user: 'u', connection: 'c', frame }]);
    await writeHistory(file, history);
    const read = await readHistory(file);
    expect(read.events.map((event) => 'frame' in event && JSON.stringify(event.frame))).toEqual([
      JSON.stringify(frame),
    ]);
    expect('admin' in {}).toBe(false);
  });

  it('has a hash that follows its content', () => {
    expect(hashOf(whole)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(whole)).toBe(hashOf(structuredClone(whole)));
    expect(hashOf({ ...whole, events: whole.events.slice(1) })).not.toBe(hashOf(whole));
  });

  it('has the hash of its text, however long that is', () => {
    for (const length of [0, 1, 10, 100]) {
      const text = 'Größer, 大きい: 🦜. '.repeat(length);
      const long = historyOf(
        Array.from({ length }, () => ({ type: 'seen', actor: 'a', user: 'u', connection: 'c', text })),
      );
      expect(hashOf(long)).toBe(createHash('sha256').update(historyText(long)).digest('hex'));
    }
  });

  it('may lack the last end of line, and no more', async () => {
    const text = historyText(whole);
    writeFileSync(file, text.trimEnd());
    expect(await readHistory(file)).toEqual(whole);
    expect(await refusal(text.slice(0, -20))).toMatch(/its last line \(\d+\) is cut off/);
  });
});

describe('a file that is no history', () => {
  it.each([
    ['', 'it is empty'],
    ['hello\n', 'in line 1, it is not JSON'],
    ['{"schema":"faultline.history/2"}\n', 'its version is faultline.history/2'],
    ['{"schema":"faultline.case/1"}\n', 'its first line is not'],
    [`${header}${event}not JSON\n${event}`, 'in line 3, it is not JSON'],
    [`${header}${event}${event}`, 'in line 3, the sequence number 1 does not follow 1'],
    [`${header}{"seq":1,"at":0,"actor":"a","type":"went-home"}\n`, 'in line 2, it is no event:\n  type: '],
    [`${header}{"seq":1,"at":0,"actor":"a","type":"sent","user":"u","connection":"c"}\n`, 'frame: Missing'],
    [`${header}{"seq":0,"at":-1,"actor":"a","type":"passed"}\n`, 'seq: Too small'],
    [
      `${header}${event.replace('"quiet"', '"quiet","__proto__":{"admin":true}')}`,
      'it has a key "__proto__"',
    ],
    [`${header}{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}\n`, 'nested deeper than 300 levels'],
    [new Uint8Array([0xff, 0xfe, 0x0a]), 'in line 1, it is not UTF-8'],
  ])('is refused, and it is said why: %j', async (text, reason) => {
    expect(await refusal(text)).toContain(reason);
  });

  it('is refused where there is none, and where it is a folder', async () => {
    await expect(readHistory(join(folder, 'none'))).rejects.toThrow('there is no such file or folder');
    await expect(readHistory(folder)).rejects.toThrow(/it is (no regular file|a folder)/);
  });

  it('is said to be unwritable where it is', async () => {
    await expect(writeHistory(join(folder, 'none', 'h.ndjson'), whole)).rejects.toThrow('Cannot write');
  });
});
