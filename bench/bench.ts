import { cpus } from 'node:os';
import { codec } from './codec/codec.ts';
import { crowd, crowdForReal } from './crowd.ts';
import { connections, delivery, durable, losses, memory } from './delivery.ts';
import { faults } from './faults.ts';
import { schedules } from './schedules.ts';
import { simulation } from './simulation.ts';

/** `npm run bench [-- <part>]`: every figure as a ratio against a peer in the same run, with its goal. */

const parts: { readonly [name: string]: () => Promise<readonly Figure[]> } = {
  codec,
  connections,
  crowd,
  'crowd-for-real': crowdForReal,
  delivery,
  durable,
  faults,
  losses,
  memory,
  schedules: () => schedules(),
  simulation,
};

/** One line of the bench's table. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** Against which peer, measured in the same rounds. */
  readonly peer?: string;
  readonly ratio?: number;
  /** `met` null: a goal for later, shown for orientation. */
  readonly goal?: { readonly says: string; readonly met: boolean | null };
}

if (process.argv.includes('--help')) {
  process.stdout.write(
    `npm run bench -- [part ...]: figures as ratios against peers, measured in this run; all parts without a name\n  ${Object.keys(parts).join('\n  ')}\n`,
  );
  process.exit(0);
}
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `there is no bench "${unknown.join('", "')}"; there are: ${Object.keys(parts).join(', ')}\n`,
  );
  process.exit(2);
}
process.stdout.write(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})\n`);
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const { what, value, peer, ratio, goal } of await measure()) {
    const against = peer === undefined ? '' : `  ${(ratio ?? Number.NaN).toFixed(2)} x ${peer}`;
    const mark =
      goal === undefined
        ? ''
        : `  [goal ${goal.says}: ${goal.met === null ? 'later' : goal.met ? 'met' : 'NOT met'}]`;
    process.stdout.write(`  ${what.padEnd(44)} ${value.padStart(14)}${against}${mark}\n`);
  }
}
