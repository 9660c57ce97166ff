import fc from 'fast-check';
import type { CaseAction, ModelScript } from '../../harness/case.ts';
import type { ContaminationDraft } from '../../harness/generators/contaminations.ts';
import { kept } from '../../harness/generators/kept.ts';
import { requests } from '../../harness/generators/requests.ts';
import type { CasePlan } from '../../harness/scenario.ts';

/**
 * Cases in which one of these versions serves first, and meets poison; then the present one takes over on the
 * same stores, and the user asks the same again. Mostly the old version comes back for a while, as after a
 * deployment that was undone, and meets what the present one wrote. Shrinks towards one request before the
 * upgrade and one after it.
 */
export function upgradesFrom(
  versions: readonly [string, ...string[]],
  contaminations: fc.Arbitrary<readonly ContaminationDraft[]>,
): fc.Arbitrary<CasePlan> {
  return fc
    .record({
      version: fc.constantFrom(...versions),
      request: fc.constantFrom(...requests),
      other: fc.constantFrom(...requests),
      // The longest way through the workflow: most agents, most entries.
      sufficiency: fc.constantFrom<ModelScript['sufficiency']>('sufficient', 'sufficient', 'partial'),
      chunks: fc.integer({ min: 1, max: 4 }),
      asksTwice: kept,
      asksOther: kept,
      isUndone: kept,
      contaminations,
    })
    .map(assemble);
}

interface Plan {
  readonly version: string;
  readonly request: string;
  readonly other: string;
  readonly sufficiency: ModelScript['sufficiency'];
  readonly chunks: number;
  readonly asksTwice: boolean;
  readonly asksOther: boolean;
  readonly isUndone: boolean;
  readonly contaminations: readonly ContaminationDraft[];
}

function assemble(plan: Plan): CasePlan {
  const { version, request, other, sufficiency, chunks, contaminations } = plan;
  const ask = (run: string, of = request): CaseAction => ({
    do: 'ask',
    run,
    thread: 'thread-1',
    request: of,
  });
  const deployed = (action: CaseAction & { do: 'deploy' }, ...asks: CaseAction[]): CaseAction[] => [
    action,
    { do: 'connect' },
    ...asks,
  ];
  const actions: CaseAction[] = [
    { do: 'connect' },
    ask('run-1'),
    ...(plan.asksTwice ? [ask('run-2')] : []),
    ...deployed({ do: 'deploy' }, ask('run-3'), ...(plan.asksOther ? [ask('run-4', other)] : [])),
    ...(plan.isUndone
      ? [
          ...deployed({ do: 'deploy', version }, ask('run-5'), ask('run-6', other)),
          ...deployed({ do: 'deploy' }, ask('run-7'), ask('run-8', other)),
        ]
      : []),
  ];
  const runs = actions.flatMap((action) => (action.do === 'ask' ? [action.run] : []));
  return {
    version,
    users: [{ id: 'alice', arrivesAtMs: 0, confirms: 'all', actions }],
    model: runs.map((run) => ({ user: 'alice', run, sufficiency, chunks })),
    faults: [],
    contaminations: contaminations.map(({ place, recipe }) => ({
      at: { wire: place.wire, user: 'alice', run: 'run-1', kind: place.kind, count: 1 },
      path: [...place.path],
      recipe,
    })),
    schedule: [],
  };
}
