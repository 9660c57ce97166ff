import type { Report, ReportedInvariant, ReportedScenario } from '../report.ts';

/**
 * A report as JUnit XML: a suite for each scenario in a world, a test for each invariant. Broken is a
 * failure, unsure an error, not exercised a skip.
 */
export function renderJunit(report: Report): string {
  const tests = report.scenarios.flatMap(({ invariants }) => invariants);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'faultline', ...totals(tests) })}>`,
    ...report.scenarios.flatMap((scenario) => suite(scenario, report)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(scenario: ReportedScenario, report: Report): string[] {
  const { id, world, cases, invariants } = scenario;
  const properties = { world, cases, seed: report.seed, version: report.version };
  return [
    `  <testsuite${attributes({ name: `${id} (${world})`, ...totals(invariants), timestamp: report.startedAt })}>`,
    '    <properties>',
    ...Object.entries(properties).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...invariants.flatMap((invariant) => test(invariant, scenario)),
    '  </testsuite>',
  ];
}

function test(invariant: ReportedInvariant, { id, world, counterexamples }: ReportedScenario): string[] {
  const { name, says, verdict, why = '', coverage, checked } = invariant;
  const open = `    <testcase${attributes({ classname: `${id} (${world})`, name, assertions: checked })}`;
  if (outcomeOf(invariant) === 'passed') return [`${open}/>`];
  if (outcomeOf(invariant) === 'skipped')
    return [
      `${open}>`,
      `      <skipped${attributes({ message: why === '' ? coverage : why })}/>`,
      '    </testcase>',
    ];
  const kind = verdict === 'broken' ? 'failure' : 'error';
  const cases = counterexamples.flatMap(({ replay, violations }) =>
    violations
      .filter((violation) => violation.invariant === name)
      .map((violation) => `${violation.why}\nat ${violation.place}\n${replay}`),
  );
  return [
    `${open}>`,
    `      <${kind}${attributes({ message: why, type: verdict })}>${escaped([says, ...cases].join('\n\n'))}</${kind}>`,
    '    </testcase>',
  ];
}

function outcomeOf({ verdict, coverage }: ReportedInvariant): 'passed' | 'failed' | 'errored' | 'skipped' {
  if (verdict === 'broken') return 'failed';
  if (coverage !== 'exercised') return 'skipped';
  return verdict === 'unsure' ? 'errored' : 'passed';
}

function totals(invariants: readonly ReportedInvariant[]): {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
} {
  const count = (outcome: ReturnType<typeof outcomeOf>): number =>
    invariants.filter((invariant) => outcomeOf(invariant) === outcome).length;
  return {
    tests: invariants.length,
    failures: count('failed'),
    errors: count('errored'),
    skipped: count('skipped'),
  };
}

function attributes(values: { readonly [name: string]: string | number }): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`,
    )
    .join('');
}

/** Without what XML 1.0 has no place for, and without what it would take for markup. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u007f-\u009f]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
