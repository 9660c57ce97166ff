import { type Report, type ReportedScenario, worstOf } from '../report.ts';
import { cut, plain, wrapped } from './plain-text.ts';
import { counted, grouped, marks, paints, type TerminalStyle } from './terminal-style.ts';

/**
 * A report on one screen: what was used, each scenario, what broke and how to play it again, what to do next.
 * Few scenarios are shown with their faults and figures; of many, a line each, and more only where something
 * does not hold.
 */
export function renderTerminal(report: Report, style: TerminalStyle): string {
  const { bold, verdict } = paints(style);
  const groups = byScenario(report.scenarios);
  const details = groups.length <= detailedMax;
  const widest = Math.max(0, ...groups.map(([{ id }]) => [...plain(id)].length));
  const lines = [
    ...used(report, style),
    '',
    ...groups.flatMap((group) => [
      ...headLines(group, details ? 0 : widest, style),
      ...group.flatMap((scenario) => scenarioLines(scenario, details, style)),
      ...(details ? [''] : []),
    ]),
    ...(details || groups.length === 0 ? [] : ['']),
    ...counterexampleLines(report, style),
    ...wrapped(`${marks[report.verdict]} ${sentence(report)}`, style.width, '').map((line) =>
      bold(verdict(report.verdict, line)),
    ),
    ...nextSteps(report, details).flatMap((step) => wrapped(step, style.width, '  ')),
  ];
  return `${lines.join('\n')}\n`;
}

/** More scenarios than these do not fit on a screen with all that was seen of each. */
const detailedMax = 3;
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

/** One scenario, as it was played in each world. */
type Group = readonly [ReportedScenario, ...ReportedScenario[]];

function byScenario(scenarios: readonly ReportedScenario[]): Group[] {
  const groups = new Map<string, [ReportedScenario, ...ReportedScenario[]]>();
  for (const scenario of scenarios) {
    const group = groups.get(scenario.id);
    if (group === undefined) groups.set(scenario.id, [scenario]);
    else group.push(scenario);
  }
  return [...groups.values()];
}

/** `widest`: the room that names take, where scenarios stand in a column; 0: each stands for itself. */
function headLines(group: Group, widest: number, style: TerminalStyle): string[] {
  const { bold, dim, verdict } = paints(style);
  const [{ id }] = group;
  const worst = verdictOf(group);
  const head = `${marks[worst]} ${worst.padEnd(6)}`;
  const name = cut(plain(id), style.width - 10);
  if (widest === 0) return [`${verdict(worst, head)} ${bold(name)}`];
  const cases = group.map(
    ({ cases: played, world, interrupted }) =>
      `${grouped(played)} ${world}${interrupted ? ' (interrupted)' : ''}`,
  );
  const about = `${cases.join(' + ')} · ${exercisedIn(group)}`;
  const room = style.width - 11 - widest;
  return [
    [...about].length <= room
      ? `${verdict(worst, head)} ${bold(name.padEnd(widest))}  ${dim(about)}`
      : `${verdict(worst, head)} ${bold(name)}`,
    ...([...about].length <= room ? [] : wrapped(about, style.width, '    ').map(dim)),
  ];
}

function verdictOf(group: Group): ReportedScenario['verdict'] {
  return worstOf(group.map(({ verdict }) => verdict));
}

/** `7 of 7 invariants`: exercised, in any of the worlds. */
function exercisedIn(group: Group): string {
  const [{ invariants }] = group;
  const exercised = new Set(
    group.flatMap((scenario) =>
      scenario.invariants.filter(({ coverage }) => coverage === 'exercised').map(({ name }) => name),
    ),
  );
  return `${exercised.size} of ${counted(invariants.length, 'invariant')}`;
}

function scenarioLines(scenario: ReportedScenario, details: boolean, style: TerminalStyle): string[] {
  const { dim } = paints(style);
  const { world, cases, invariants, faults, metrics, interrupted } = scenario;
  const exercised = invariants.filter(({ coverage }) => coverage === 'exercised').length;
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
    ...(details ? [about, injected, measured] : []).flatMap((part) =>
      wrapped(part.join(' · '), style.width, '    ').map(dim),
    ),
    ...reasons
      .slice(0, reasonsMax)
      .flatMap(({ name: each, verdict: found, why }) =>
        wrapped(
          `${details ? '' : `${world}: `}${plain(each)} is ${found}: ${plain(why ?? 'no reason given')}`,
          style.width,
          '    ',
        ),
      ),
    ...(reasons.length > reasonsMax
      ? [`    and ${reasons.length - reasonsMax} more (--json tells all)`]
      : []),
    ...(details && idle.length > 0
      ? wrapped(`not exercised: ${idle.join(', ')}`, style.width, '    ').map(dim)
      : []),
    ...(skipped.length > 0 ? wrapped(`skipped: ${skipped.join('; ')}`, style.width, '    ').map(dim) : []),
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
  const played = byScenario(scenarios);
  const broken = played.filter((group) => verdictOf(group) === 'broken').length;
  const of = verdict === 'broken' ? ` in ${broken} of ${counted(played.length, 'scenario')}` : '';
  return `${so}${of}, over ${cases}${partial ? ' (interrupted: this is what was played until then)' : ''}`;
}

function nextSteps(report: Report, details: boolean): string[] {
  const { verdict, scenarios, worlds, reproducible: [incident] = [] } = report;
  if (verdict === 'broken')
    return ['Next: paste a replay line to play that case again; its folder holds the history that shows it.'];
  if (scenarios.length === 0) return ['Next: faultline list shows the scenarios that there are.'];
  if (verdict === 'unsure')
    return ['Next: see above what could not be judged; more cases (--runs) or more time (--time) may tell.'];
  const real = worlds.some(({ name }) => name === 'real');
  return [
    ...(incident === undefined
      ? []
      : [
          `Next: faultline reproduce ${plain(incident)} shows these invariants catching the defects they are for.`,
        ]),
    ...(details
      ? []
      : [
          `Faults and figures: faultline run ${plain(scenarios[0]?.id ?? '')} (few at a time), or --json for all.`,
        ]),
    ...(real ? [] : ['No case was played in the real world: --world real does that.']),
  ];
}

function figure({ value, unit, n }: ReportedScenario['metrics'][number]): string {
  if (value === null) return 'n/a';
  if (unit === 'ms') return `${Math.round(value * 10) / 10} ms over ${grouped(n)}`;
  return unit === 'share' ? `${percent(value)} of ${grouped(n)}` : grouped(value);
}

/** Rounded down: 100 % means all. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}
