import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { killExactly, type ProcessIdentity } from './process-identity.ts';
import { runIdentity, runIsOver } from './run-identity.ts';

const prefix = 'faultline-run-';
const tenantFile = 'process.json';

/** A fresh folder for one server process of this run, under the system's folder for temporary files. */
export function makeOwnedFolder(): string {
  return mkdtempSync(join(tmpdir(), `${prefix}${runIdentity()}-`));
}

/** Notes which process works in the folder, so that a later run can end it should nobody else have. */
export function noteTenant(folder: string, identity: ProcessIdentity): void {
  writeFileSync(join(folder, tenantFile), JSON.stringify(identity));
}

/** Whether a path is one that `makeOwnedFolder` made for this user: never anything else is removed. */
export function ownFolder(folder: string): boolean {
  if (dirname(folder) !== tmpdir() || !basename(folder).startsWith(prefix)) return false;
  try {
    const found = lstatSync(folder);
    return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  } catch {
    return false;
  }
}

/** Ends servers and removes folders of runs that died without doing so. */
export function sweepFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    const run = /^faultline-run-(\d+-\d+)-/.exec(name)?.[1];
    if (run === undefined || !runIsOver(run) || !ownFolder(folder)) continue;
    const tenant = tenantOf(folder);
    if (tenant !== null) killExactly(tenant);
    rmSync(folder, { recursive: true, force: true });
  }
}

function tenantOf(folder: string): ProcessIdentity | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(join(folder, tenantFile), 'utf8'));
    return Number.isInteger(pid) && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}
