import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { judgeAll, tableOf } from './table.ts';

/**
 * `npm run docs:codec [-- <output of the bench>]`: makes the tables of `docs/codec.md`, and puts the bench's
 * figures there, dated, where its output is given. With `--check` it writes nothing, and ends with 1 where the
 * tables in the document are not those that it makes.
 */

const file = fileURLToPath(new URL('../../docs/codec.md', import.meta.url));
const [argument] = process.argv.slice(2);
const before = readFileSync(file, 'utf8');
const withTables = replaceBlock(before, 'table', tableOf(judgeAll()));

if (argument === '--check') {
  if (withTables !== before) {
    process.stderr.write(
      `docs/codec.md is not what npm run docs:codec makes\n${firstDifference(before, withTables)}`,
    );
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

function firstDifference(was: string, made: string): string {
  const [old, fresh] = [was.split('\n'), made.split('\n')];
  const place = fresh.findIndex((line, index) => line !== old[index]);
  return `line ${place + 1}\n  is       ${old[place] ?? '(nothing)'}\n  made     ${fresh[place] ?? '(nothing)'}\n`;
}
