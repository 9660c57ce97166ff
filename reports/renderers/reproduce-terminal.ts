import type { ReportedDefect, ReproduceReport } from '../report.ts';
import { plain, wrapped } from './plain-text.ts';
import { counted, marks, paints, type TerminalStyle } from './terminal-style.ts';

/** An incident reproduced, on a screen or two: each defect red and minimal, then the fix green. */
export function renderReproduceTerminal(report: ReproduceReport, style: TerminalStyle): string {
  const { bold, verdict } = paints(style);
  const { fixed, defects, redis, world } = report;
  // A defect may be put to the test in more than one scenario.
  const names = [...new Set(defects.map(({ name }) => name))];
  const caught = names.filter((name) => defects.every((each) => each.name !== name || isCaught(each))).length;
  const cases =
    fixed.realCases === 0
      ? counted(fixed.cases, 'simulated case')
      : `${counted(fixed.cases - fixed.realCases, 'simulated case')} and ${counted(fixed.realCases, 'real case')}`;
  const lines = [
    ...wrapped(`incident ${plain(report.incident)}: ${plain(report.title)}`, style.width, '').map(bold),
    `  ${world} world · Redis: ${redis.kind} ${plain(redis.version)}`,
    '',
    ...defects.flatMap((defect) => defectLines(defect, style)),
    `${verdict(fixed.verdict, `${marks[fixed.verdict]} ${fixed.verdict.padEnd(6)}`)} ${bold('the fix')}, over ${cases}`,
    ...(fixed.why === undefined ? [] : wrapped(plain(fixed.why), style.width, '    ')),
    ...(fixed.counterexample === undefined ? [] : caseLines(fixed.counterexample, style)),
    '',
    bold(
      verdict(
        report.ok ? 'holds' : 'broken',
        report.ok
          ? `${marks.holds} ${caught} of ${counted(names.length, 'defect')} caught, and the fix holds`
          : `${marks.broken} ${caught} of ${counted(names.length, 'defect')} caught, and the fix ${fixed.verdict === 'holds' ? 'holds' : `is ${fixed.verdict}`}`,
      ),
    ),
    ...(report.partial ? ['  Interrupted: this is what was played until then.'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** So that some defects fit on a screen; the case's folder holds the rest. */
const whyLinesMax = 3;
const othersMax = 2;

function listed(names: readonly string[]): string {
  const more = names.length - othersMax;
  const first = names.slice(0, othersMax).map(plain).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}

function isCaught({ broken, expected }: ReportedDefect): boolean {
  return broken.includes(expected);
}

function defectLines(defect: ReportedDefect, style: TerminalStyle): string[] {
  const { bold, dim, verdict } = paints(style);
  const { casesUntilFound, confirmed, shrunk, replay, expected, broken, spoils = [] } = defect;
  const found = isCaught(defect);
  // Broken is what a defect should be: that it holds is what must catch the eye.
  const head = found ? verdict('broken', `${marks.broken} broken`) : bold(verdict('unsure', '! MISSED'));
  const kind = { 'as-reported': 'as reported', 'half-fix': 'a fix that was tried' }[defect.kind];
  const others = broken.filter((name) => name !== expected);
  const when = [
    ...(casesUntilFound === null ? [] : [`found after ${counted(casesUntilFound, 'case')}`]),
    ...(confirmed === null ? [] : [`confirmed in the real world ${confirmed.k} of ${confirmed.n} times`]),
    ...(others.length === 0 ? [] : [`also broken: ${listed(others)}`]),
    ...(spoils.length === 0 ? [] : [`should pass and does not: ${spoils.map(plain).join(', ')}`]),
  ].join(' · ');
  const what = found
    ? `${plain(expected)} is broken${defect.why === undefined ? '' : `: ${plain(defect.why)}`}`
    : `not caught: ${plain(expected)} should have been found broken (verdict: ${defect.verdict})`;
  return [
    `${head} ${bold(plain(defect.name))} (${kind}), in ${plain(defect.scenario)}`,
    ...wrapped(what, style.width, '    ').slice(0, whyLinesMax),
    ...caseLines({ shrunk, replay }, style, when === '' ? [] : wrapped(when, style.width, '    ').map(dim)),
    '',
  ];
}

function caseLines(
  { shrunk, replay }: Pick<ReportedDefect, 'shrunk' | 'replay'>,
  { width }: TerminalStyle,
  between: readonly string[] = [],
): string[] {
  return [
    ...(shrunk.length === 0 ? [] : wrapped(`smallest case: ${shrunk.map(plain).join('; ')}`, width, '    ')),
    ...between,
    // Never wrapped or cut: it is there to be pasted.
    ...(replay === null ? [] : [`    ${plain(replay)}`]),
  ];
}
