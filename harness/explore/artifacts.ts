import { join, relative } from 'node:path';
import type { Case } from '../case.ts';
import { writeCase } from '../case-file.ts';
import { makeFolder } from '../data-file.ts';
import type { History } from '../history.ts';
import { writeHistory } from '../history-file.ts';

/** What is kept of one failure, so that it can be played and judged again. */
export interface Evidence {
  readonly scenario: string;
  readonly invariant: string;
  readonly defect?: string;
  readonly world: 'simulated' | 'real';
  readonly shrunk: Played;
  readonly original: Played;
  /** What else `faultline replay` must be told, e.g. the file of a user's own scenario. */
  readonly replayArguments?: readonly string[];
}

interface Played {
  readonly playing: Case;
  readonly history: History;
}

/**
 * Writes the small case and the one that it was shrunk from, with both histories, into a folder under
 * `out`, over what an earlier search left there. Gives the path of the small case and the line that replays it.
 */
export async function writeEvidence(
  out: string,
  evidence: Evidence,
): Promise<{ readonly caseFile: string; readonly replay: string }> {
  const folder = join(
    out,
    [
      evidence.scenario,
      evidence.invariant,
      ...(evidence.defect === undefined ? [] : [evidence.defect]),
      // One run may judge both worlds.
      ...(evidence.world === 'real' ? ['real'] : []),
    ]
      .map(asFileName)
      .join('-'),
  );
  await makeFolder(folder);
  const caseFile = join(folder, 'case.json');
  await writeCase(caseFile, evidence.shrunk.playing);
  await writeHistory(join(folder, 'history.ndjson'), evidence.shrunk.history);
  await writeCase(join(folder, 'original-case.json'), evidence.original.playing);
  await writeHistory(join(folder, 'original-history.ndjson'), evidence.original.history);
  return { caseFile, replay: replayLine(caseFile, evidence) };
}

/** The one line that plays a case file again. */
export function replayLine(
  caseFile: string,
  { defect, world, replayArguments = [] }: Pick<Evidence, 'defect' | 'world' | 'replayArguments'>,
): string {
  return [
    'npx faultline replay',
    quoted(relative('.', caseFile)),
    ...(defect === undefined ? [] : ['--defect', quoted(defect)]),
    ...(world === 'real' ? ['--world real'] : []),
    ...replayArguments.map(quoted),
  ].join(' ');
}

function asFileName(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, '-');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9._/:=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
