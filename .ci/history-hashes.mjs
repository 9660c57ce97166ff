// Prints one hash over the histories of generated cases of every scenario: the same on every Node version,
// or the simulation is not deterministic. node history-hashes.mjs [cases of each scenario]
import { createHash } from 'node:crypto';
import { discoverIncidents, scenariosOf } from '../dist/harness/discover.js';
import { CaseRow } from '../dist/harness/explore/generate.js';
import { createSimulatedPool } from '../dist/harness/worlds/simulated/pool.js';

const each = Number(process.argv[2] ?? 50);
const pool = createSimulatedPool();
const all = createHash('sha256');
for (const { scenario, module } of scenariosOf(await discoverIncidents())) {
  const row = new CaseRow(scenario, 20);
  const played = Array.from({ length: each }, (_, index) =>
    pool.examine(row.at(index), { module, scenario: scenario.id }),
  );
  for (const { hash } of await Promise.all(played)) all.update(hash);
}
await pool.close();
process.stdout.write(`${all.digest('hex')}\n`);
