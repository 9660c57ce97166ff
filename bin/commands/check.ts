import { scenariosNamed } from '../../harness/discover.ts';
import { exitCodes, HarnessError } from '../../harness/errors.ts';
import { eventsOf } from '../../harness/history.ts';
import { readHistory } from '../../harness/history-file.ts';
import { judge } from '../../harness/judge.ts';
import { worst } from '../../harness/verdict.ts';
import { plain } from '../../reports/renderers/plain-text.ts';
import { marks, paints } from '../../reports/renderers/terminal-style.ts';
import { incidentsWith } from '../choose.ts';
import { styleOf, writeOut } from '../reporters.ts';

export interface CheckOptions {
  readonly scenario?: string;
  readonly scenarioFile?: string;
  readonly json?: boolean;
}

/** Judges a recorded history by the invariants of today. */
export async function check(file: string, options: CheckOptions): Promise<void> {
  const history = await readHistory(file);
  const named = options.scenario ?? eventsOf(history, 'case-started')[0]?.scenario;
  if (named === undefined)
    throw new HarnessError(
      'usage',
      `${file} does not say which scenario it belongs to`,
      'Name one with --scenario.',
    );
  const incidents = await incidentsWith(options.scenarioFile);
  const invariants = scenariosNamed(incidents, named).flatMap(({ scenario }) => scenario.invariants);
  const unique = invariants.filter(
    (each, index) => invariants.findIndex(({ name }) => name === each.name) === index,
  );
  const judged = judge(history, unique);
  const exercised = judged.filter(({ finding }) => finding.coverage === 'exercised');
  const verdict = worst(exercised.map(({ finding }) => finding.verdict));
  if (options.json === true) {
    await writeOut(
      JSON.stringify(
        {
          schema: 'faultline.check/1',
          file,
          events: history.events.length,
          verdict: verdict.is,
          findings: judged,
        },
        null,
        2,
      ),
    );
  } else {
    const paint = paints(styleOf(process.stdout));
    const lines = judged.map(({ invariant, finding }) => {
      const shown = finding.coverage === 'exercised' ? finding.verdict.is : 'unsure';
      const why =
        finding.coverage !== 'exercised'
          ? finding.coverage
          : finding.verdict.is === 'broken'
            ? finding.verdict.violations
                .map((each) => `${plain(each.why)} (events ${each.shownBy.slice(0, 8).join(', ')})`)
                .join('\n    ')
            : finding.verdict.is === 'unsure'
              ? finding.verdict.why
              : `${finding.checked} checked`;
      return `${paint.verdict(shown, marks[shown])} ${invariant}: ${why}`;
    });
    await writeOut([`${history.events.length} events, judged as ${named}`, ...lines].join('\n'));
  }
  process.exitCode = verdict.is === 'holds' ? exitCodes.held : exitCodes.broken;
}
