import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The house rules that a machine can check. Each message says what to do instead. */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Left to right; imports point left. */
const rooms = ['src', 'harness', 'scenarios', 'reports', 'bin', 'bench'];

interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = rooms.flatMap((room) => sourceFiles(join(root, room)));
const production = files.filter((file) => !/\.(test|fixture)\.ts$/.test(file.path));

describe('imports point one way', () => {
  it('from room to room', () => {
    const wrong = production.flatMap((file) =>
      file.imports
        .filter((target) => rooms.indexOf(roomOf(target)) > rooms.indexOf(roomOf(file.path)))
        .map(
          (target) =>
            `${file.path} imports ${target}: imports point from right to left in ${rooms.join(' <- ')}`,
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('invariants see histories and verdicts only', () => {
    const allowed = /^harness\/(history|verdict|invariant)\.ts$|^harness\/invariants\//;
    expect(importsOutside('harness/invariants/', allowed)).toEqual([]);
  });

  it('generators know no pipeline and no world', () => {
    const allowed =
      /^harness\/(canary|case|fault|process-fault|misbehaviour|startup|message|scenario|dice|history)\.ts$|^harness\/generators\//;
    expect(importsOutside('harness/generators/', allowed)).toEqual([]);
  });

  it('renderers see a report and nothing else', () => {
    const allowed = /^reports\/report\.ts$|^reports\/renderers\//;
    expect(importsOutside('reports/renderers/', allowed)).toEqual([]);
  });
});

describe('time, dice, ids and timers come in through ports', () => {
  const banned: readonly { readonly what: RegExp; readonly instead: string }[] = [
    { what: /\bDate\.now\(|new Date\(\)/, instead: 'clock.now()' },
    { what: /\bMath\.random\(/, instead: 'dice.next(), or rollFor(seed, name) in the harness' },
    { what: /(?<![.\w])(setTimeout|setInterval|setImmediate)\(/, instead: 'clock.after(ms, run)' },
    {
      what: /\b(randomUUID|randomBytes|getRandomValues)\(/,
      instead: 'ids.next(kind), or tokenFor(seed, name) in the harness',
    },
    { what: /\bAbortSignal\.timeout\(/, instead: 'an AbortController and clock.after' },
    { what: /\bperformance\.now\(|\bprocess\.hrtime\b/, instead: 'clock.now()' },
  ];
  /** Where the clock, the dice and the timers of the machine are the subject itself. */
  const exempt =
    /^src\/adapters\/|^harness\/worlds\/|^harness\/redis\/embedded\.ts$|^reports\/|^bin\/|^bench\/|^harness\/house\.test\.ts$/;

  it.each(banned)('no $what', ({ what, instead }) => {
    const wrong = production
      .filter((file) => !exempt.test(file.path))
      .flatMap((file) =>
        linesThat(file, what).map((line) => `${file.path}:${line}: not for here, use ${instead}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('the pipeline', () => {
  it('has no mutable state outside its instances, or a crash in simulation would not be one', () => {
    const mutable =
      /^(export )?(let|var) |^(export )?const \w+ = (new (Map|Set|WeakMap|WeakSet|Array)\b|\[\];|\{\};)/;
    const wrong = production
      .filter((file) => file.path.startsWith('src/'))
      .flatMap((file) =>
        linesThat(file, mutable).map((line) => `${file.path}:${line}: put it into what createPipeline makes`),
      );
    expect(wrong).toEqual([]);
  });

  it('knows no harness', () => {
    const wrong = production
      .filter((file) => file.path.startsWith('src/'))
      .flatMap((file) =>
        linesThat(file, /\b(harness|scenario|defect|invariant)s?\b/i).map((line) => `${file.path}:${line}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('scenarios', () => {
  const folders = readdirSync(join(root, 'scenarios'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );

  it('are found by reading the folder: no other source file names one', () => {
    const wrong = folders.flatMap(({ name }) => {
      const own = `scenarios/${name}/`;
      const ids = production
        .filter((file) => file.path === `${own}scenario.ts`)
        .flatMap((file) => [...file.text.matchAll(/\bid: '([^']+)'/g)].map((match) => match[1] ?? ''));
      return files
        .filter((file) => !file.path.startsWith(own) && !file.path.endsWith('.test.ts'))
        .filter((file) => [name, ...ids].some((word) => file.text.includes(word)))
        .map((file) => `${file.path} names a scenario of ${own}`);
    });
    expect(folders.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  it('are written with what is public: whoever writes one elsewhere has the same at hand', () => {
    const index = files.find(({ path }) => path === 'harness/index.ts');
    const isPublic = new Set(namesFrom(index).map(({ name, from }) => `${name} of ${from}`));
    const used = production.filter(({ path }) => path.startsWith('scenarios/')).flatMap(namesFrom);
    const wrong = used
      .filter(({ from }) => from.startsWith('harness/'))
      .map(({ name, from }) => `${name} of ${from}`)
      .filter((each) => !isPublic.has(each));
    expect(isPublic.size).toBeGreaterThan(0);
    expect([...new Set(wrong)].map((each) => `export ${each} from harness/index.ts`)).toEqual([]);
  });

  it('each tell their story', () => {
    const silent = folders.filter(
      ({ name }) => !readdirSync(join(root, 'scenarios', name)).includes('README.md'),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

it('the tests that begin first are there', () => {
  const config = readFileSync(join(root, 'vitest.config.ts'), 'utf8');
  const named = [...config.matchAll(/'([^'*]+\.test\.ts)'/g)].map(([, path = '']) => path);
  const paths = files.map(({ path }) => path);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !paths.includes(path))).toEqual([]);
});

it('every source file says in its name what is in it', () => {
  const vague = files
    .filter((file) => /\/(utils?|helpers?|common|misc)(\.|\/)/.test(file.path))
    .map((file) => file.path);
  expect(vague).toEqual([]);
});

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name);
      const text = readFileSync(absolute, 'utf8');
      const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(
        (match) => match[1] ?? '',
      );
      return {
        path: fromRoot(absolute),
        text,
        imports: specifiers.map((specifier) => fromRoot(join(dirname(absolute), specifier))),
      };
    });
}

/** What a file imports or exports by name from other files. */
function namesFrom(file: SourceFile | undefined): { readonly name: string; readonly from: string }[] {
  const { path = '', text = '' } = file ?? {};
  const lists = text.matchAll(/^(?:import|export)(?: type)? \{([^}]*)\} from '(\.{1,2}\/[^']+)'/gm);
  return [...lists].flatMap(([, list = '', specifier = '']) =>
    list
      .split(',')
      .map((each) =>
        each
          .trim()
          .replace(/^type /, '')
          .replace(/ as .*$/, ''),
      )
      .filter((name) => name !== '')
      .map((name) => ({ name, from: fromRoot(join(root, dirname(path), specifier)) })),
  );
}

function fromRoot(absolute: string): string {
  return relative(root, absolute).split(sep).join('/');
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** Numbers of the lines that match, comments left out. */
function linesThat(file: SourceFile, pattern: RegExp): number[] {
  return file.text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => !/^\s*(\*|\/\/|\/\*)/.test(line) && pattern.test(line))
    .map(({ number }) => number);
}

function importsOutside(folder: string, allowed: RegExp): string[] {
  return production
    .filter((file) => file.path.startsWith(folder))
    .flatMap((file) =>
      file.imports
        .filter((target) => !allowed.test(target))
        .map((target) => `${file.path} must not import ${target}`),
    );
}
