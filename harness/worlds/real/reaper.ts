import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ownFolder } from './owned-folder.ts';
import { killExactly } from './process-identity.ts';
import type { ReaperLine } from './reaping.ts';
import { type DockerAddress, removeContainers } from './redis/docker-api.ts';
import { runLabel } from './run-identity.ts';

/**
 * A small process of its own that outlives the run by a second: its standard input is a pipe from the run,
 * and when that breaks, however the run ended, it ends what the run left behind.
 */
const processes = new Map<number, Extract<ReaperLine, { do: 'process' }>>();
const folders = new Set<string>();
const labels = new Map<string, DockerAddress>();

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => take(JSON.parse(line) as ReaperLine));
lines.on('close', () => {
  for (const { identity } of processes.values()) killExactly(identity);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  void removeAll();
});

function take(line: ReaperLine): void {
  if (line.do === 'process') processes.set(line.identity.pid, line);
  else if (line.do === 'forget-process') processes.delete(line.pid);
  else if (line.do === 'containers') labels.set(line.run, line.docker);
  else if (line.do === 'forget-folder') folders.delete(line.folder);
  else if (ownFolder(line.folder)) folders.add(line.folder);
}

/** Twice: the daemon may still have been creating one when the run died. */
async function removeAll(): Promise<void> {
  for (const [run, docker] of labels) {
    for (const waitMs of [0, 1_500]) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await removeContainers(docker, `${runLabel}=${run}`).catch(() => 0);
    }
  }
}
