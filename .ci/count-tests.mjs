// Prints `N passed, N failed, N skipped` for a vitest JSON report, names every skip, and fails on one that
// is not on the list: node count-tests.mjs <report.json> <allowed-skips>
import { readFileSync } from 'node:fs';

const [reportFile, allowedFile] = process.argv.slice(2);
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const allowed = readFileSync(allowedFile, 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'));

const tests = report.testResults.flatMap((file) => file.assertionResults);
const named = (status) => tests.filter((test) => status.includes(test.status)).map((test) => test.fullName);
const skipped = named(['pending', 'skipped', 'todo', 'disabled']);
const failed =
  named(['failed']).length +
  report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const surprising = skipped.filter((name) => !allowed.includes(name));

for (const name of skipped)
  process.stdout.write(`skipped${surprising.includes(name) ? ' and not on the list' : ''}: ${name}\n`);
process.stdout.write(
  `${`${named(['passed']).length} passed, ${failed} failed, ${skipped.length} skipped`}\n`,
);
process.exitCode = failed > 0 || surprising.length > 0 || tests.length === 0 ? 1 : 0;
