import type { Alteration } from '../../src/codec/codec.ts';
import { type Contender, ours, peers } from './contenders.ts';
import { type Judged, judge, type Outcome } from './judge.ts';
import { valueClasses } from './value-classes.ts';

/** What became of one class of value with each contender, the codec first. */
export interface Row {
  readonly heading: string;
  readonly name: string;
  readonly judged: readonly Judged[];
}

export const contenders: readonly Contender[] = [ours, ...peers];

/** Every class of value through every contender. */
export function judgeAll(): readonly Row[] {
  return [...valueClasses].flatMap(([heading, classes]) =>
    classes.map((valueClass) => ({
      heading,
      name: valueClass.name,
      judged: contenders.map((contender) => judge(valueClass, contender)),
    })),
  );
}

/** The rows as Markdown: the line of Node first, the totals, then one table for each heading. */
export function tableOf(rows: readonly Row[]): string {
  const headings = [...new Set(rows.map(({ heading }) => heading))];
  return [
    `Made on Node ${nodeLine()}; what the platform's own serialisers do differs from line to line.`,
    totalsOf(rows),
    ...headings.map((heading) => {
      const lines = rows.filter((row) => row.heading === heading).map(lineOf);
      return [
        `### ${heading}\n`,
        line(['value', ...contenders.map(({ name }) => name), "the codec's account"]),
        line(['---', ...contenders.map(() => '---'), '---']),
        ...lines,
      ].join('\n');
    }),
  ].join('\n\n');
}

/** The major version of this Node. */
export function nodeLine(): string {
  return process.versions.node.split('.')[0] ?? '';
}

function totalsOf(rows: readonly Row[]): string {
  const count = (contender: number, is: (judged: Judged) => boolean): string =>
    String(rows.filter(({ judged }) => is(judged[contender] as Judged)).length);
  const total = (what: string, is: (judged: Judged) => boolean): string =>
    line([what, ...contenders.map((_, index) => count(index, is))]);
  const having =
    (...wanted: readonly Outcome[]) =>
    ({ outcome }: Judged): boolean =>
      wanted.includes(outcome);
  return [
    line([`of ${rows.length} classes`, ...contenders.map(({ name }) => name)]),
    line(['---', ...contenders.map(() => '---:')]),
    total('came back as it was', having('exact', 'typed')),
    total('came back otherwise, and the account says where', having('told', 'told gone')),
    total('throws', having('throws')),
    total('**changed or lost without a word**', having('changed', 'lost', 'lies', 'spoils', 'pollutes')),
    total('ran code of the value', ({ ranForeignCode }) => ranForeignCode),
  ].join('\n');
}

function lineOf({ name, judged }: Row): string {
  return line([
    name,
    ...judged.map(
      ({ outcome, ranForeignCode, cutBeside }) =>
        `${words[outcome]}${ranForeignCode ? ' ‡' : ''}${cutBeside ? ' §' : ''}`,
    ),
    accountText(judged[0]?.account ?? []),
  ]);
}

const words: Readonly<Record<Outcome, string>> = {
  exact: 'exact',
  typed: 'typed',
  told: 'told',
  'told gone': 'told, gone',
  throws: 'throws',
  changed: '**changed**',
  lost: '**lost**',
  lies: '**lies**',
  spoils: '**spoils**',
  pollutes: '**pollutes**',
};

/** What an account says of the value itself, or else the first places within that it names. */
function accountText(account: readonly Alteration[]): string {
  const itself = account.filter(({ path }) => path.length === 0);
  const entries = [
    ...new Set(
      (itself.length > 0 ? itself : account).map(
        ({ kind, path, reason }) => `${kind}${path.length === 0 ? '' : ` at ${pathText(path)}`}: ${reason}`,
      ),
    ),
  ];
  const hasMore = entries.length > 2 || (itself.length > 0 && itself.length < account.length);
  return (
    entries.slice(0, 2).join('; ') + (hasMore ? `; and ${itself.length > 0 ? 'places within' : 'more'}` : '')
  );
}

function pathText(path: readonly (string | number)[]): string {
  const text = path.length > 4 ? `${path.slice(0, 3).join('.')}…` : path.join('.');
  return `\`${text}\``;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
