import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** This package's version, as its package.json says it. */
export function version(): string {
  const file = packageRoots()
    .map((root) => new URL('package.json', root))
    .find((url) => existsSync(url));
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The commit that is judged: of the checkout that the command runs in; null outside of one. */
export function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** This module is `bin/version.ts`, or `dist/bin/version.js`. */
function packageRoots(): URL[] {
  return [new URL('../', import.meta.url), new URL('../../', import.meta.url)];
}
