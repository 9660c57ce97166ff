import { discoverIncidents } from '../../harness/discover.ts';
import { fates } from '../../harness/fault.ts';
import { recipes } from '../../harness/generators/recipes.ts';
import { processFates } from '../../harness/process-fault.ts';
import { lackMeanings } from '../../harness/startup.ts';
import { paints } from '../../reports/renderers/terminal-style.ts';
import { styleOf, writeOut } from '../reporters.ts';

/** Everything that there is to run, break and inject. */
export async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const incidents = await discoverIncidents();
  const invariants = incidents.flatMap(({ scenarios }) =>
    scenarios.flatMap((scenario) => scenario.invariants),
  );
  const found = {
    schema: 'faultline.list/1',
    incidents: incidents.map(({ id, scenarios, defects }) => ({
      id,
      scenarios: scenarios.map((scenario) => ({
        id: scenario.id,
        title: scenario.title,
        invariants: scenario.invariants.map(({ name }) => name),
      })),
      defects: defects.map(({ name, kind, breaks, passes }) => ({ name, kind, breaks, passes })),
    })),
    invariants: [
      ...new Map(invariants.map(({ name, promise, says }) => [name, { name, promise, says }])).values(),
    ],
    faults: Object.entries(fates)
      .filter(([name]) => name !== 'pass')
      .map(([name, { means, on }]) => ({ name, means, wires: Object.keys(on) })),
    processFaults: Object.entries(processFates).map(([name, means]) => ({ name, means })),
    startupLacks: Object.entries(lackMeanings).flatMap(([dependency, states]) =>
      Object.entries(states)
        .filter(([, means]) => !means.startsWith('no: '))
        .map(([state, means]) => ({ name: `${dependency} ${state}`, means })),
    ),
    recipes: recipes.map(({ name, shape }) => ({ name, shape })),
    worlds: [
      { name: 'simulated', what: 'virtual time, one seeded schedule, simulated Redis' },
      {
        name: 'real',
        what: 'a child process, real sockets, a real Redis: a URL, a container, a process, or embedded',
      },
    ],
  };
  if (json === true) return writeOut(JSON.stringify(found, null, 2));
  const { bold, dim } = paints(styleOf(process.stdout));
  const row = (name: string, what: string): string => `  ${name.padEnd(width)} ${dim(what)}`;
  const width = Math.max(
    ...[...found.invariants, ...found.recipes].map(({ name }) => name.length),
    ...found.incidents.flatMap(({ scenarios }) => scenarios.map(({ id }) => id.length)),
  );
  await writeOut(
    [
      bold('scenarios'),
      ...found.incidents.flatMap(({ scenarios }) => scenarios.map(({ id, title }) => row(id, title))),
      bold('defects'),
      ...found.incidents.flatMap(({ id, defects }) =>
        defects.map((defect) =>
          row(
            defect.name,
            `${id}, ${defect.kind}: breaks ${defect.breaks.map((each) => each.invariant).join(', ')}`,
          ),
        ),
      ),
      bold('invariants'),
      ...found.invariants.map(({ name, says }) => row(name, says)),
      bold('faults'),
      ...found.faults.map(({ name, means, wires }) => row(name, `${means} (${wires.join(', ')})`)),
      bold('faults on processes'),
      ...found.processFaults.map(({ name, means }) => row(name, means)),
      bold('what a start may lack'),
      ...found.startupLacks.map(({ name, means }) => row(name, means)),
      bold('recipes'),
      ...found.recipes.map(({ name, shape }) => row(name, shape)),
      bold('worlds'),
      ...found.worlds.map(({ name, what }) => row(name, what)),
    ].join('\n'),
  );
}
