/** What the command line says beside its data: everything here goes to stderr. */

/** One line, whole. */
export function say(line: string): void {
  clearProgress();
  process.stderr.write(`${line}\n`);
}

/**
 * Shows how far long work is: one line that is written over on a terminal, a plain line now and then elsewhere.
 * Calls may come as often as they like.
 */
export function showProgress(line: string): void {
  const now = Date.now();
  if (process.stderr.isTTY) {
    if (now - shown.at < 100) return;
    const width = Math.max(20, (process.stderr.columns ?? 80) - 1);
    process.stderr.write(`\r\u001b[2K${line.slice(0, width)}`);
    shown.open = true;
  } else {
    // The first line only after a while: short work needs none.
    if (now - shown.at < 10_000) return;
    process.stderr.write(`${line}\n`);
  }
  shown.at = now;
}

/** Takes the progress line away; what it told is over. */
export function clearProgress(): void {
  if (shown.open) process.stderr.write('\r\u001b[2K');
  shown.open = false;
  shown.at = process.stderr.isTTY ? 0 : Date.now();
}

const shown = { at: Date.now(), open: false };
