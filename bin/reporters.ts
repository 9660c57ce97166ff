import { writeFile } from 'node:fs/promises';
import { HarnessError } from '../harness/errors.ts';
import { renderJson } from '../reports/renderers/json.ts';
import { renderJunit } from '../reports/renderers/junit.ts';
import { renderTerminal } from '../reports/renderers/terminal.ts';
import { type TerminalStyle, terminalStyle } from '../reports/renderers/terminal-style.ts';
import type { Report } from '../reports/report.ts';
import { say } from './talk.ts';

const renderers: { readonly [name: string]: (report: Report) => string } = {
  terminal: (report) => renderTerminal(report, styleOf(process.stdout)),
  json: renderJson,
  junit: renderJunit,
};

export interface ReporterOptions {
  readonly reporter?: readonly string[];
  readonly outputFile?: readonly string[];
  readonly json?: boolean;
}

/** Which reporter writes where; `file` absent: stdout. */
export type Reporters = readonly { readonly name: string; readonly file?: string }[];

/** What the options ask for; checked before any work is done. */
export function reportersFrom({ reporter, outputFile = [], json }: ReporterOptions): Reporters {
  const names = [...(reporter ?? (json === true ? [] : ['terminal'])), ...(json === true ? ['json'] : [])];
  const files = [...outputFile];
  const chosen = names.map((name) => {
    if (renderers[name] === undefined)
      throw new HarnessError(
        'usage',
        `there is no reporter "${name}"`,
        `Use ${Object.keys(renderers).join(', ')}.`,
      );
    const file = name === 'terminal' ? undefined : files.shift();
    return { name, ...(file === undefined ? {} : { file }) };
  });
  if (files.length > 0)
    throw new HarnessError(
      'usage',
      `no reporter is left for --output-file ${files[0]}`,
      'Name one with --reporter json or --reporter junit.',
    );
  if (chosen.filter(({ file }) => file === undefined).length > 1)
    throw new HarnessError(
      'usage',
      'two reporters would write to stdout',
      'Give one of them an --output-file.',
    );
  return chosen;
}

/** Writes the report wherever it was asked for. */
export async function writeReports(report: Report, reporters: Reporters): Promise<void> {
  for (const { name, file } of reporters) {
    const text = renderers[name]?.(report) ?? '';
    if (file === undefined) await writeOut(text);
    else await writeFile(file, ended(text)).catch((cause: NodeJS.ErrnoException) => cannotWrite(file, cause));
    if (file !== undefined) say(`${name} report: ${file}`);
  }
}

/** Data to stdout, whole even where it is a slow pipe; what a reader that left did not take is not missed. */
export function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(ended(text), (error: NodeJS.ErrnoException | null | undefined) =>
      error && error.code !== 'EPIPE' ? reject(error) : resolve(),
    );
  });
}

export function styleOf(stream: NodeJS.WriteStream): TerminalStyle {
  return terminalStyle({ env: process.env, isTTY: stream.isTTY === true, columns: stream.columns });
}

function cannotWrite(file: string, cause: NodeJS.ErrnoException): never {
  throw new HarnessError(
    'usage',
    `the report could not be written to ${file} (${cause.code ?? 'unknown'})`,
    'Check that the folder exists and may be written to.',
    cause,
  );
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
