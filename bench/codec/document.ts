import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { judgeAll, nodeLine, tableOf } from './table.ts';

/**
 * `npm run docs:codec [-- <output of the bench>]`: makes the tables of `docs/codec.md`, and puts the bench's
 * figures there, dated, where its output is given. With `--check` it writes nothing, and ends with 1 where the
 * tables in the document are not those that it makes; on another line of Node than theirs it compares the codec's
 * own outcomes only.
 */

const file = fileURLToPath(new URL('../../docs/codec.md', import.meta.url));
const [argument] = process.argv.slice(2);
const before = readFileSync(file, 'utf8');
const withTables = replaceBlock(before, 'table', tableOf(judgeAll()));

if (argument === '--check') {
  const isSameLine = before.includes(`Made on Node ${nodeLine()};`);
  const difference = isSameLine
    ? firstDifference(before.split('\n'), withTables.split('\n'))
    : firstDifference(ownOutcomes(before), ownOutcomes(withTables));
  if (difference !== undefined) {
    process.stderr.write(`docs/codec.md is not what npm run docs:codec makes\n${difference}`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(
    file,
    argument === undefined
      ? withTables
      : replaceBlock(withTables, 'figures', figuresOf(readFileSync(argument, 'utf8'))),
  );
}

/** The bench's output from the line that names the machine on. */
function figuresOf(output: string): string {
  const start = output.indexOf('Node v');
  if (start < 0) throw new Error('this is no output of npm run bench -- codec');
  const [machine = '', ...lines] = output.slice(start).trimEnd().split('\n');
  const today = new Date().toISOString().slice(0, 10);
  return `${today}, ${machine}\n\n\`\`\`\n${lines.join('\n').trim()}\n\`\`\``;
}

function replaceBlock(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/codec.md has no block "${name}"`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** What each row of the tables says of the codec itself. */
function ownOutcomes(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').slice(0, 2).join(' | '));
}

function firstDifference(was: readonly string[], made: readonly string[]): string | undefined {
  const lines = Math.max(was.length, made.length);
  const place = Array.from({ length: lines }, (_, index) => index).find(
    (index) => was[index] !== made[index],
  );
  if (place === undefined) return undefined;
  return `  is       ${was[place] ?? '(nothing)'}\n  made     ${made[place] ?? '(nothing)'}\n`;
}
