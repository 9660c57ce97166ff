import { describe, expect, it } from 'vitest';
import type {
  DefectResult,
  InvariantResult,
  ReproduceResult,
  ScenarioResult,
} from '../harness/explore/result.ts';
import { type Occasion, reportFrom, reproduceReportFrom } from './from-runs.ts';
import { renderJson } from './renderers/json.ts';
import { renderJunit } from './renderers/junit.ts';
import { cut, plain, wrapped } from './renderers/plain-text.ts';
import { renderReproduceTerminal } from './renderers/reproduce-terminal.ts';
import { renderTerminal } from './renderers/terminal.ts';
import { terminalStyle } from './renderers/terminal-style.ts';
import { reportSchema, reproduceSchema } from './report.ts';

const style = { color: false, width: 80 };

const occasion: Occasion = {
  version: '0.1.0',
  commit: 'a1b2c3d4e5f6a7b8',
  startedAt: '2026-01-01T00:00:00.000Z',
  seed: 42,
  worlds: [
    { name: 'simulated', redis: { kind: 'simulated', version: '7.0.15' } },
    { name: 'real', redis: { kind: 'container', version: '7.4.2' } },
  ],
  reproducible: ['another', 'by-hand'],
};

const held: InvariantResult = {
  name: 'every-accepted-run-ends',
  says: 'Every run that was accepted ends.',
  verdict: 'holds',
  checked: 4_000,
  coverage: 'exercised',
};
const idle: InvariantResult = {
  ...held,
  name: 'poison-spoils-no-siblings',
  verdict: 'unsure',
  why: 'nothing to judge',
  checked: 0,
  coverage: 'not exercised',
};
const broken: InvariantResult = {
  ...held,
  name: 'every-refusal-is-explained',
  verdict: 'broken',
  why: "alice's run-1 failed (AGENT_FAILED), and no fault explains it",
};

const scenario: ScenarioResult = {
  id: 'by-hand/healthy',
  incident: 'by-hand',
  title: 'All is well.',
  world: 'simulated',
  redis: { kind: 'simulated', version: '7.0.15' },
  cases: 2_000,
  invariants: [held, idle],
  faults: [{ name: 'contaminate agent', planned: 3_111, fired: 3_000 }],
  metrics: [
    { name: 'contaminated cases survived', value: 0.99999, unit: 'share', n: 2_000 },
    { name: 'healthy results returned', value: null, unit: 'share', n: 0 },
  ],
  counterexamples: [],
  skipped: [],
  interrupted: false,
};

const failed: ScenarioResult = {
  ...scenario,
  id: 'by-hand/failed',
  cases: 12,
  invariants: [broken, held],
  counterexamples: [
    {
      caseFile: 'faultline-results/by-hand/case.json',
      replay:
        'npx faultline replay faultline-results/a-folder-with-a-name-that-is-longer-than-the-line/case.json',
      violations: [
        {
          invariant: broken.name,
          why: broken.why ?? '',
          shownBy: [17, 19],
          place: 'run_failed/AGENT_FAILED',
        },
      ],
    },
  ],
  skipped: [{ what: 'pause redis', why: 'the server is not ours' }],
};

const hostile =
  'a\u001b[2J\u001b]0;title\u0007b\u009b31mc\u0000d\u202ee\ufffef\ud800g]]>&<i x="1">\u2028\nh\u200b';

/** The report with a hostile text in every place that holds text. */
function poisoned<T>(value: T): T {
  if (typeof value === 'string') return hostile as T;
  if (Array.isArray(value)) return value.map(poisoned) as T;
  if (typeof value !== 'object' || value === null) return value;
  const keep = new Set(['schema', 'verdict', 'kind', 'world', 'coverage', 'unit']);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isWorldName = key === 'name' && 'redis' in value;
      return [key, keep.has(key) || isWorldName ? item : poisoned(item)];
    }),
  ) as T;
}

const unsafe =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\ufffe\u200b]|[\ud800-\udbff](?![\udc00-\udfff])/;

describe('a report', () => {
  const report = reportFrom(occasion, [scenario, failed]);

  it('is of its schema, and stays so through JSON', () => {
    expect(reportSchema.parse(JSON.parse(renderJson(report)))).toEqual(report);
  });

  it('names what the issue of the format names', () => {
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining([
        'schema',
        'version',
        'commit',
        'startedAt',
        'seed',
        'worlds',
        'scenarios',
        'verdict',
      ]),
    );
    expect(report).toMatchObject({
      schema: 'faultline.report/1',
      seed: 42,
      verdict: 'broken',
      partial: false,
    });
    expect(report.scenarios[1]).toMatchObject({
      id: 'by-hand/failed',
      incident: 'by-hand',
      world: 'simulated',
      cases: 12,
      verdict: 'broken',
      invariants: [{ name: broken.name, verdict: 'broken', checked: 4_000, coverage: 'exercised' }, {}],
      faults: [{ name: 'contaminate agent', planned: 3_111, fired: 3_000 }],
      metrics: [{ name: 'contaminated cases survived', value: 0.99999, unit: 'share', n: 2_000 }, {}],
      counterexamples: [{ caseFile: expect.any(String), replay: expect.any(String), violations: [{}] }],
      skipped: [{ what: 'pause redis', why: 'the server is not ours' }],
    });
  });

  it('takes the worst of what was exercised, and nothing for unsure', () => {
    expect(reportFrom(occasion, [scenario]).verdict).toBe('holds');
    expect(reportFrom(occasion, []).verdict).toBe('unsure');
    expect(reportFrom(occasion, [{ ...scenario, invariants: [idle] }]).verdict).toBe('unsure');
    const doubtful: InvariantResult = { ...held, verdict: 'unsure', why: 'out of time' };
    expect(reportFrom(occasion, [{ ...scenario, invariants: [held, doubtful] }]).verdict).toBe('unsure');
    expect(reportFrom(occasion, [scenario, failed]).verdict).toBe('broken');
  });

  it('says that it is partial where anything was interrupted', () => {
    expect(reportFrom(occasion, [{ ...scenario, interrupted: true }]).partial).toBe(true);
    expect(reportFrom({ ...occasion, interrupted: true }, [scenario]).partial).toBe(true);
  });
});

describe('on a terminal', () => {
  it('first says what was used, then each scenario, then what to do', () => {
    expect(renderTerminal(reportFrom(occasion, [scenario]), style)).toMatchInlineSnapshot(`
      "faultline 0.1.0 · seed 42 · commit a1b2c3d4e5f6
        simulated world: simulated Redis 7.0.15
        real world: Redis in a container, 7.4.2

      ✓ holds  by-hand/healthy
          simulated · 2,000 cases · 1 of 2 invariants exercised
          contaminate agent 3,000 of 3,111 fired
          contaminated cases survived 99.9 % of 2,000 · healthy results returned n/a
          not exercised: poison-spoils-no-siblings

      ✓ all hold, over 2,000 cases
        Next: faultline reproduce by-hand shows these invariants catching the defects
        they are for.
      "
    `);
    expect(renderTerminal(reportFrom(occasion, [scenario, failed]), style)).toMatchInlineSnapshot(`
      "faultline 0.1.0 · seed 42 · commit a1b2c3d4e5f6
        simulated world: simulated Redis 7.0.15
        real world: Redis in a container, 7.4.2

      ✓ holds  by-hand/healthy
          simulated · 2,000 cases · 1 of 2 invariants exercised
          contaminate agent 3,000 of 3,111 fired
          contaminated cases survived 99.9 % of 2,000 · healthy results returned n/a
          not exercised: poison-spoils-no-siblings

      ✗ broken by-hand/failed
          simulated · 12 cases · 2 of 2 invariants exercised
          contaminate agent 3,000 of 3,111 fired
          contaminated cases survived 99.9 % of 2,000 · healthy results returned n/a
          every-refusal-is-explained is broken: alice's run-1 failed (AGENT_FAILED),
          and no fault explains it
          skipped: pause redis (the server is not ours)

      Smallest cases that show it
        every-refusal-is-explained: alice's run-1 failed (AGENT_FAILED), and no fault
        explains it
          npx faultline replay faultline-results/a-folder-with-a-name-that-is-longer-than-the-line/case.json

      ✗ broken in 1 of 2 scenarios, over 2,012 cases
        Next: paste a replay line to play that case again; its folder holds the
        history that shows it.
      "
    `);
  });

  it('keeps to the width, but for the line that is there to be pasted', () => {
    for (const width of [40, 60, 140]) {
      const lines = renderTerminal(reportFrom(occasion, [scenario, failed]), { color: false, width }).split(
        '\n',
      );
      const long = lines.filter((line) => [...line].length > width && !line.includes('npx faultline replay'));
      expect(long).toEqual([]);
      expect(lines.join('\n')).toContain(failed.counterexamples[0]?.replay);
    }
  });

  it('fits on a screen, however much is broken', () => {
    const many = Array.from({ length: 40 }, () => broken);
    const examples = Array.from({ length: 40 }, () => failed.counterexamples[0] ?? expect.unreachable());
    const bad = { ...failed, invariants: many, counterexamples: examples };
    expect(renderTerminal(reportFrom(occasion, [bad, scenario]), style).split('\n').length).toBeLessThan(50);
  });

  it('shows both worlds of a scenario in one place', () => {
    const real: ScenarioResult = { ...scenario, world: 'real', cases: 20 };
    const lines = renderTerminal(reportFrom(occasion, [scenario, real]), style).split('\n');
    expect(lines.filter((line) => line.includes(scenario.id))).toHaveLength(1);
    expect(lines).toContain('    simulated · 2,000 cases · 1 of 2 invariants exercised');
    expect(lines).toContain('    real · 20 cases · 1 of 2 invariants exercised');
  });

  it('names no incident that has no defects to show', () => {
    const report = reportFrom({ ...occasion, reproducible: ['another'] }, [scenario]);
    expect(report.reproducible).toEqual([]);
    expect(renderTerminal(report, style)).not.toContain('reproduce');
  });

  it('gives each of many scenarios a line, and the screen has room for what broke', () => {
    const results = Array.from({ length: 16 }, (_, index): ScenarioResult[] => {
      const id = `by-hand/number-${index}`;
      const found = index === 3 ? { ...failed, id } : { ...scenario, id };
      return [found, { ...scenario, id, world: 'real', cases: 20 }];
    }).flat();
    const text = renderTerminal(reportFrom(occasion, results), style);
    expect(text.split('\n').length).toBeLessThan(35);
    expect(text).toContain(`
✓ holds  by-hand/number-2   2,000 simulated + 20 real · 1 of 2 invariants
✗ broken by-hand/number-3   12 simulated + 20 real · 2 of 2 invariants
    simulated: every-refusal-is-explained is broken: alice's run-1 failed
    (AGENT_FAILED), and no fault explains it
    skipped: pause redis (the server is not ours)
✓ holds  by-hand/number-4   2,000 simulated + 20 real · 1 of 2 invariants
`);
    expect(text).toContain('✗ broken in 1 of 16 scenarios');
    const narrow = renderTerminal(reportFrom(occasion, results), { color: false, width: 40 }).split('\n');
    const long = narrow.filter((line) => [...line].length > 40 && !line.includes('npx faultline replay'));
    expect(long).toEqual([]);
  });

  it('colours only where it is wanted', () => {
    const report = reportFrom(occasion, [failed]);
    expect(renderTerminal(report, { color: true, width: 80 })).toContain('\u001b[31m');
    expect(renderTerminal(report, style)).not.toContain('\u001b');
    const on = { env: {}, isTTY: true, columns: 90 };
    expect(terminalStyle(on)).toEqual({ color: true, width: 90 });
    expect(terminalStyle({ ...on, env: { NO_COLOR: '1' } }).color).toBe(false);
    expect(terminalStyle({ ...on, env: { NO_COLOR: '' } }).color).toBe(true);
    expect(terminalStyle({ ...on, env: { TERM: 'dumb' } }).color).toBe(false);
    expect(terminalStyle({ ...on, isTTY: false, columns: undefined })).toEqual({ color: false, width: 100 });
    expect(terminalStyle({ ...on, columns: 3 }).width).toBe(40);
  });

  it('shows nothing that a terminal would act on', () => {
    const report = poisoned(reportFrom(occasion, [scenario, failed]));
    expect(renderTerminal(report, style)).not.toMatch(unsafe);
    expect(renderReproduceTerminal(poisoned(reproduceReportFrom(reproduced)), style)).not.toMatch(unsafe);
  });
});

describe('as JSON', () => {
  it('is the same data, without characters that a terminal or a page would act on', () => {
    const report = poisoned(reportFrom(occasion, [scenario, failed]));
    const text = renderJson(report);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
    expect(JSON.parse(text)).toEqual(report);
  });
});

describe('as JUnit', () => {
  it('has a suite for each scenario and a test for each invariant', () => {
    expect(renderJunit(reportFrom(occasion, [failed, scenario]))).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="faultline" tests="4" failures="1" errors="0" skipped="1">
        <testsuite name="by-hand/failed (simulated)" tests="2" failures="1" errors="0" skipped="0" timestamp="2026-01-01T00:00:00.000Z">
          <properties>
            <property name="world" value="simulated"/>
            <property name="cases" value="12"/>
            <property name="seed" value="42"/>
            <property name="version" value="0.1.0"/>
          </properties>
          <testcase classname="by-hand/failed (simulated)" name="every-refusal-is-explained" assertions="4000">
            <failure message="alice's run-1 failed (AGENT_FAILED), and no fault explains it" type="broken">Every run that was accepted ends.

      alice's run-1 failed (AGENT_FAILED), and no fault explains it
      at run_failed/AGENT_FAILED
      npx faultline replay faultline-results/a-folder-with-a-name-that-is-longer-than-the-line/case.json</failure>
          </testcase>
          <testcase classname="by-hand/failed (simulated)" name="every-accepted-run-ends" assertions="4000"/>
        </testsuite>
        <testsuite name="by-hand/healthy (simulated)" tests="2" failures="0" errors="0" skipped="1" timestamp="2026-01-01T00:00:00.000Z">
          <properties>
            <property name="world" value="simulated"/>
            <property name="cases" value="2000"/>
            <property name="seed" value="42"/>
            <property name="version" value="0.1.0"/>
          </properties>
          <testcase classname="by-hand/healthy (simulated)" name="every-accepted-run-ends" assertions="4000"/>
          <testcase classname="by-hand/healthy (simulated)" name="poison-spoils-no-siblings" assertions="0">
            <skipped message="nothing to judge"/>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('holds nothing that XML has no place for or takes for markup', () => {
    const text = renderJunit(poisoned(reportFrom(occasion, [scenario, failed])));
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/);
    expect(text).not.toMatch(/\p{Cs}/u);
    expect(text).not.toContain(']]>');
    expect(text).not.toContain('<i');
    expect(tagsOf(text)).toEqual(tagsOf(renderJunit(reportFrom(occasion, [scenario, failed]))));
  });

  it('tells unsure from broken and from what was not exercised', () => {
    const doubtful: InvariantResult = { ...held, verdict: 'unsure', why: 'out of time' };
    const text = renderJunit(
      reportFrom(occasion, [{ ...scenario, invariants: [held, idle, broken, doubtful] }]),
    );
    expect(text).toContain('tests="4" failures="1" errors="1" skipped="1"');
    expect(text).toContain('<error message="out of time" type="unsure">');
    expect(text).toContain('<skipped message="nothing to judge"/>');
  });
});

const caught: DefectResult = {
  name: 'deep copy',
  kind: 'as-reported',
  verdict: 'broken',
  scenario: 'by-hand/failed',
  expected: broken.name,
  broken: [held.name, broken.name],
  why: broken.why ?? '',
  casesUntilFound: 1,
  caseFile: 'out/case.json',
  shrunk: ['alice asks run-1', 'agent data fails with AgentCrashed'],
  replay: "npx faultline replay out/case.json --defect 'deep copy'",
  confirmed: { k: 3, n: 3 },
};
const missed: DefectResult = {
  ...caught,
  name: 'dropped',
  kind: 'half-fix',
  verdict: 'holds',
  broken: [],
  casesUntilFound: null,
  caseFile: null,
  shrunk: [],
  replay: null,
  confirmed: null,
};
const reproduced: ReproduceResult = {
  incident: 'by-hand',
  title: 'Users get no answer.',
  world: 'real',
  redis: { kind: 'container', version: '7.4.2' },
  defects: [caught, missed],
  fixed: { verdict: 'holds', cases: 2_020, realCases: 20 },
  ok: false,
  interrupted: false,
};

describe('an incident reproduced', () => {
  it('is of its schema, and stays so through JSON', () => {
    const report = reproduceReportFrom(reproduced);
    expect(reproduceSchema.parse(JSON.parse(renderJson(report)))).toEqual(report);
    expect(report).toMatchObject({
      schema: 'faultline.reproduce/1',
      redis: { kind: 'container', version: '7.4.2' },
      fixed: { verdict: 'holds', cases: 2_020 },
      defects: [{ name: 'deep copy', confirmed: { k: 3, n: 3 }, casesUntilFound: 1 }, { confirmed: null }],
      ok: false,
    });
  });

  it('shows each defect red, and one that is not caught in words', () => {
    expect(renderReproduceTerminal(reproduceReportFrom(reproduced), style)).toMatchInlineSnapshot(`
      "incident by-hand: Users get no answer.
        real world · Redis: container 7.4.2

      ✗ broken deep copy (as reported), in by-hand/failed
          every-refusal-is-explained is broken: alice's run-1 failed (AGENT_FAILED),
          and no fault explains it
          smallest case: alice asks run-1; agent data fails with AgentCrashed
          found after 1 case · confirmed in the real world 3 of 3 times · also broken:
          every-accepted-run-ends
          npx faultline replay out/case.json --defect 'deep copy'

      ! MISSED dropped (a fix that was tried), in by-hand/failed
          not caught: every-refusal-is-explained should have been found broken
          (verdict: holds)

      ✓ holds  the fix, over 2,000 simulated cases and 20 real cases

      ✗ 1 of 2 defects caught, and the fix holds
      "
    `);
  });

  it('says what breaks the fix, and how to play it again', () => {
    const counterexample = {
      shrunk: ['alice asks run-1', 'agent triage fails'],
      replay: 'npx faultline replay out/case.json',
    };
    const fixed = { verdict: 'broken' as const, why: 'nothing came', cases: 7, realCases: 0, counterexample };
    const report = reproduceReportFrom({ ...reproduced, defects: [caught], fixed });
    expect(reproduceSchema.parse(JSON.parse(renderJson(report)))).toEqual(report);
    expect(renderReproduceTerminal(report, style)).toContain(`
✗ broken the fix, over 7 simulated cases
    nothing came
    smallest case: alice asks run-1; agent triage fails
    npx faultline replay out/case.json
`);
  });

  it('says that all is as it should be where it is', () => {
    const good = { ...reproduced, defects: [caught], ok: true };
    const text = renderReproduceTerminal(reproduceReportFrom(good), style);
    expect(text).toContain('✓ 1 of 1 defect caught, and the fix holds');
  });
});

describe('plain text', () => {
  it('is one line without what a terminal would act on', () => {
    expect(plain(hostile)).toBe('abcdefg]]>&<i x="1"> h');
    expect(plain('\u001bPq#0\u001b\\sixel')).toBe('sixel');
    expect(plain('one\r\ntwo\tthree')).toBe('one two three');
    expect(plain('wide 漢字 and 😀')).toBe('wide 漢字 and 😀');
  });

  it('is cut and wrapped by characters', () => {
    expect(cut('😀😀😀', 2)).toBe('😀…');
    expect(wrapped('one two three', 11, '  ')).toEqual(['  one two', '  three']);
    expect(wrapped('x'.repeat(30), 14, '  ')).toEqual([`  ${'x'.repeat(11)}…`]);
    expect(wrapped('', 40, '  ')).toEqual([]);
  });
});

function tagsOf(xml: string): string[] {
  return xml.match(/<\/?[a-z]+/g) ?? [];
}
