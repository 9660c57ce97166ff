import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cleanJsonCodec } from '../../src/codec/clean-json.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(`${root}/docs/codec.md`, 'utf8');

describe('docs/codec.md', () => {
  // A process of its own: here, the test runner puts objects of its own where modules are imported.
  it('holds the tables that npm run docs:codec makes', { timeout: 120_000 }, async () => {
    const args = ['--import', 'tsx', 'bench/codec/document.ts', '--check'];
    await promisify(execFile)(process.execPath, args, { cwd: root });
  });

  it('shows the codec changing nothing without a word, and throwing nowhere', () => {
    const rows = [...document.matchAll(/^\| (?<name>[^|]+) \| (?<outcome>[^|]+) \|.*\|$/gm)].map(
      ({ groups }) => groups as { name: string; outcome: string },
    );
    const grave = rows.filter(({ outcome }) => /^(throws|\*\*|.*‡)/.test(outcome)).map(({ name }) => name);
    expect(rows.length).toBeGreaterThan(100);
    // To find it, all the keys of the array would have to be listed, one for each item.
    expect(grave.filter((name) => name !== 'typed array with a property of its own')).toEqual([]);
  });

  it('shows an example that is so', () => {
    const encoded = cleanJsonCodec.encode({ total: 5, when: new Date(0), refresh: () => {} });
    const account = encoded.account.map(
      ({ kind, path, reason }) => `${kind} at ${path.join('.')}: ${reason}`,
    );
    expect(document).toContain(`// text     ${encoded.text}\n// account  ${account.join(' · ')}\n`);
  });
});
