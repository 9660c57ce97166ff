import { constants } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import type { z } from 'zod';
import { HarnessError } from './errors.ts';

/** Whose file it is, for error messages: `case file`, `history`. */
export interface FileLimits {
  readonly what: string;
  readonly bytesMax: number;
}

/** The bytes of a regular file. A file that is missing, too large or none is a usage error. */
export async function readDataFile(path: string, { what, bytesMax }: FileLimits): Promise<Buffer> {
  // A pipe would make `open` wait for whoever writes to it.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw refused(what, path, reasonOf(error), 'Check the path.');
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw refused(what, path, 'it is no regular file', 'Name a file.');
    if (stat.size > bytesMax)
      throw refused(
        what,
        path,
        `it has ${stat.size} bytes, and at most ${bytesMax} are read`,
        `Name a smaller file: no ${what} that was written here is so large.`,
      );
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Writes a file whole or not at all: what another reads is never half of it. */
export async function writeDataFile(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw unwritable(path, error);
  }
}

/** Makes a folder, and those above it. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): HarnessError {
  const reason = reasonOf(error as NodeJS.ErrnoException);
  return new HarnessError('environment', `Cannot write ${path}: ${reason}.`, 'Choose another folder.', error);
}

/**
 * Text as data. Refuses what is no JSON, is nested too deep, or would change the prototype of an object that
 * is made from it. `foreignBelow`: what lies below the outermost object is other people's data, which is kept
 * as it is, whatever its keys are called.
 */
export function parseData(
  text: string,
  refuse: (reason: string) => HarnessError,
  { foreignBelow = false }: { readonly foreignBelow?: boolean } = {},
): unknown {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw refuse('it is not JSON');
  }
  const flaw = flawIn(data, 0, foreignBelow ? 1 : depthMax);
  if (flaw !== undefined) throw refuse(flaw);
  return data;
}

/** UTF-8 as text; refuses bytes that are none. */
export function decodeData(bytes: Uint8Array, refuse: (reason: string) => HarnessError): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('it is not UTF-8');
  }
}

/** What is wrong with data, a line for each of the first issues: `users.0.id: Invalid string`. */
export function issuesInWords(issues: readonly z.core.$ZodIssue[]): string {
  const shown = issues.slice(0, issuesShown).map(({ path, message }) => {
    const where = path.length === 0 ? '(whole)' : path.map(String).join('.');
    return `${where}: ${message}`;
  });
  const more = issues.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n  ');
}

/** A usage error about a file, with its cause and a remedy. */
export function refused(what: string, path: string, reason: string, remedy: string): HarnessError {
  return new HarnessError('usage', showable(`Cannot read the ${what} ${path}: ${reason}.`), remedy);
}

/** Paths and keys may hold what a terminal would act on. */
function showable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '');
}

const issuesShown = 8;

/** Results may be 200 deep; the rest is the event around them. */
const depthMax = 300;

/** `ownDepth`: how far down names are the file's own. */
function flawIn(value: unknown, depth: number, ownDepth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= depthMax) return `it is nested deeper than ${depthMax} levels`;
  if (depth < ownDepth && Object.hasOwn(value, '__proto__')) return 'it has a key "__proto__"';
  for (const item of Object.values(value)) {
    const flaw = flawIn(item, depth + 1, ownDepth);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission was denied';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file is where a folder should be';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return error.code ?? 'unknown error';
  }
}
