import type { Report, ReportedScenario } from '../report.ts';
import { cut, plain, wrapped } from './plain-text.ts';
import { counted, grouped, marks, paints, type TerminalStyle } from './terminal-style.ts';

/** A report on one screen: what was used, each scenario, what broke and how to play it again, what to do next. */
export function renderTerminal(report: Report, style: TerminalStyle): string {
  const { bold, verdict } = paints(style);
  const lines = [
    ...used(report, style),
    '',
    ...report.scenarios.flatMap((scenario) => scenarioLines(scenario, style)),
    ...counterexampleLines(report, style),
    ...wrapped(`${marks[report.verdict]} ${sentence(report)}`, style.width, '').map((line) =>
      bold(verdict(report.verdict, line)),
    ),
    ...nextSteps(report).flatMap((step) => wrapped(step, style.width, '  ')),
  ];
  return `${lines.join('\n')}\n`;
}

/** Each counterexample takes three lines; more than these do not fit on a screen. */
const counterexamplesMax = 4;
const reasonsMax = 3;

function used(report: Report, style: TerminalStyle): string[] {
  const { bold } = paints(style);
  const commit = report.commit === null ? '' : ` · commit ${plain(report.commit).slice(0, 12)}`;
  const title = `faultline ${plain(report.version)} · seed ${report.seed}${commit}`;
  return [
    ...wrapped(title, style.width, '').map(bold),
    ...report.worlds.flatMap((world) =>
      wrapped(
        `${world.name} world: ${redisSources[world.redis.kind]} ${plain(world.redis.version)}`,
        style.width,
        '  ',
      ),
    ),
  ];
}

const redisSources: { readonly [kind in Report['worlds'][number]['redis']['kind']]: string } = {
  simulated: 'simulated Redis',
  url: 'Redis at a URL of yours,',
  container: 'Redis in a container,',
  process: 'a redis-server of this machine,',
  embedded: 'the simulated Redis over TCP (no real Redis was found),',
};

function scenarioLines(scenario: ReportedScenario, style: TerminalStyle): string[] {
  const { bold, dim, verdict } = paints(style);
  const { id, world, cases, invariants, faults, metrics, interrupted } = scenario;
  const exercised = invariants.filter(({ coverage }) => coverage === 'exercised').length;
  const head = `${marks[scenario.verdict]} ${scenario.verdict.padEnd(6)}`;
  const name = cut(plain(id), style.width - 10);
  const about = [
    world,
    counted(cases, 'case') + (interrupted ? ' (interrupted)' : ''),
    `${exercised} of ${counted(invariants.length, 'invariant')} exercised`,
  ];
  const injected = faults.map(
    (fault) => `${plain(fault.name)} ${grouped(fault.fired)} of ${grouped(fault.planned)} fired`,
  );
  const measured = metrics.map((metric) => `${plain(metric.name)} ${figure(metric)}`);
  const reasons = invariants.filter(
    ({ verdict: found, coverage }) => found === 'broken' || (found === 'unsure' && coverage === 'exercised'),
  );
  const idle = invariants
    .filter(({ coverage }) => coverage !== 'exercised')
    .map(({ name: each }) => plain(each));
  const skipped = scenario.skipped.map(({ what, why }) => `${plain(what)} (${plain(why)})`);
  return [
    `${verdict(scenario.verdict, head)} ${bold(name)}`,
    ...[about, injected, measured].flatMap((part) => wrapped(part.join(' · '), style.width, '    ').map(dim)),
    ...reasons
      .slice(0, reasonsMax)
      .flatMap(({ name: each, verdict: found, why }) =>
        wrapped(`${plain(each)} is ${found}: ${plain(why ?? 'no reason given')}`, style.width, '    '),
      ),
    ...(reasons.length > reasonsMax
      ? [`    and ${reasons.length - reasonsMax} more (--json tells all)`]
      : []),
    ...(idle.length > 0 ? wrapped(`not exercised: ${idle.join(', ')}`, style.width, '    ').map(dim) : []),
    ...(skipped.length > 0 ? wrapped(`skipped: ${skipped.join('; ')}`, style.width, '    ').map(dim) : []),
    '',
  ];
}

function counterexampleLines(report: Report, style: TerminalStyle): string[] {
  const { bold } = paints(style);
  const all = report.scenarios.flatMap(({ counterexamples }) => counterexamples);
  if (all.length === 0) return [];
  return [
    bold('Smallest cases that show it'),
    ...all.slice(0, counterexamplesMax).flatMap(({ replay, violations: [first] }) => [
      ...(first === undefined
        ? []
        : wrapped(`${plain(first.invariant)}: ${plain(first.why)}`, style.width, '  ').slice(0, 3)),
      // Never wrapped or cut: it is there to be pasted.
      `    ${plain(replay)}`,
    ]),
    ...(all.length > counterexamplesMax ? [`  and ${all.length - counterexamplesMax} more`] : []),
    '',
  ];
}

function sentence({ verdict, scenarios, partial }: Report): string {
  const cases = counted(
    scenarios.reduce((sum, scenario) => sum + scenario.cases, 0),
    'case',
  );
  const so = { holds: 'all hold', unsure: 'unsure', broken: 'broken' }[verdict];
  const broken = scenarios.filter((scenario) => scenario.verdict === 'broken').length;
  const of = verdict === 'broken' ? ` in ${broken} of ${counted(scenarios.length, 'scenario')}` : '';
  return `${so}${of}, over ${cases}${partial ? ' (interrupted: this is what was played until then)' : ''}`;
}

function nextSteps({ verdict, scenarios, worlds }: Report): string[] {
  if (verdict === 'broken')
    return ['Next: paste a replay line to play that case again; its folder holds the history that shows it.'];
  if (scenarios.length === 0) return ['Next: faultline list shows the scenarios that there are.'];
  if (verdict === 'unsure')
    return ['Next: see above what could not be judged; more cases (--runs) or more time (--time) may tell.'];
  const incident = scenarios[0]?.incident ?? '';
  const real = worlds.some(({ name }) => name === 'real');
  return [
    `Next: faultline reproduce ${plain(incident)} shows these invariants catching the defects they are for.`,
    ...(real ? [] : ['No case was played in the real world: --world real does that.']),
  ];
}

function figure({ value, unit, n }: ReportedScenario['metrics'][number]): string {
  if (value === null) return 'n/a';
  return unit === 'share' ? `${percent(value)} of ${grouped(n)}` : `${grouped(value)} of ${grouped(n)}`;
}

/** Rounded down: 100 % means all. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}
