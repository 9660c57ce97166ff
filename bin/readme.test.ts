import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

/** Every example of the README is run here, against the built package, as a reader would run it. */

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const command = join(root, 'dist/bin/faultline.js');
mkdirSync(join(root, '.faultline'), { recursive: true });
// Inside the package, so that its own name is found, as it is in a project that depends on it.
const folder = mkdtempSync(join(root, '.faultline', 'readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function faultline(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...args],
      { cwd: folder, env: { ...process.env, NO_COLOR: '1' } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** The lines of the README's shell examples that call this command. */
const lines = [...readme.matchAll(/^(?:[A-Z_]+=\S+ )*npx faultline ([^#\n]*)/gm)].map((match) =>
  (match[1] ?? '').trim(),
);

describe('the README', () => {
  it('calls a command that npx may execute', () => {
    expect(statSync(command).mode & 0o111).toBe(0o111);
  });

  it('was read', () => {
    expect(existsSync(command), 'build first: npm run build').toBe(true);
    expect(lines.length).toBeGreaterThan(5);
  });

  it.each([...new Set(lines.map((line) => line.split(' ')[0] ?? ''))])(
    'names a command that is there: %s',
    async (name) => {
      const { code, stdout } = await faultline(name, '--help');
      expect(code).toBe(0);
      const options = lines
        .filter((line) => line.startsWith(`${name} `))
        .flatMap((line) => line.match(/--[a-z-]+/g) ?? []);
      for (const option of options) expect(stdout).toContain(option);
    },
  );

  it('reproduces an incident, replays what was found, and judges its history', {
    timeout: 120_000,
  }, async () => {
    const reproduced = await faultline('reproduce', '585', '--runs', '8', '--json');
    expect(reproduced.code, reproduced.stderr).toBe(0);
    const report = JSON.parse(reproduced.stdout) as {
      ok: boolean;
      defects: { name: string; caseFile: string; verdict: string }[];
    };
    expect(report.ok).toBe(true);
    expect(report.defects.map(({ verdict }) => verdict)).not.toContain('holds');
    const dropped = report.defects.find(({ name }) => name === 'dropped');
    const caseFile = dropped?.caseFile ?? '';
    expect((await faultline('replay', caseFile, '--defect', 'dropped')).code).toBe(1);
    expect((await faultline('replay', caseFile)).code).toBe(0);
    expect((await faultline('check', join(folder, caseFile, '..', 'history.ndjson'))).code).toBe(1);
  });

  it('plays the scenario that it shows', { timeout: 120_000 }, async () => {
    const [, name = '', code = ''] = /<!-- example:(\S+) -->\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(name).toMatch(/\.ts$/);
    writeFileSync(join(folder, name), code);
    const ran = await faultline(
      'run',
      `./${name}`,
      '--world',
      'simulated',
      '--runs',
      '20',
      '--seed',
      '1',
      '--json',
    );
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    const report = JSON.parse(ran.stdout) as {
      verdict: string;
      scenarios: { faults: { fired: number }[] }[];
    };
    expect(report.verdict).toBe('holds');
    expect(report.scenarios[0]?.faults[0]?.fired).toBeGreaterThan(0);
  });

  it('names each dependency once, and none that is not there', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const named = [...readme.matchAll(/^\| `([^`]+)`(?:, `([^`]+)`)* \| /gm)]
      .flatMap((match) => match.slice(1))
      .filter((each) => each !== undefined && !each.endsWith('/'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('names each folder of the package', () => {
    for (const each of readdirSync(root, { withFileTypes: true })) {
      const isOurs =
        each.isDirectory() &&
        !each.name.startsWith('.') &&
        !['node_modules', 'dist', 'coverage', 'faultline-out'].includes(each.name);
      if (isOurs) expect(readme).toContain(`\`${each.name}/\``);
    }
  });
});
