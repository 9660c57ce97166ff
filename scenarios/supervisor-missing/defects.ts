import type { Defect } from '../../harness/scenario.ts';
import type { Parts } from '../../src/parts.ts';
import type { Supervisor } from '../../src/supervisor/run-means.ts';
import { pretender, silentSession, standingIn } from './fallbacks.ts';

const scenario = 'supervisor-missing/broken-starts';

/** What is left where nothing was made: an attribute that holds no supervisor. */
const none = { run: undefined } as unknown as Supervisor;

const defects: readonly Defect[] = [
  {
    name: 'silence',
    kind: 'as-reported',
    story:
      'A dependency of the supervisor was missing, so it was not made. The endpoint looked for it three times, half a second apart, and installed a fallback that does nothing with a message that has no text of its own: connected, a ping, then silence. Seen in staging on 2025-09-08.',
    breaks: [{ scenario, invariant: 'every-accepted-run-ends', needs: 0 }],
    passes: [],
    parts: (healthy) => {
      let isMissing = false;
      return {
        ...healthy,
        startUp: standingIn(healthy, () => {
          isMissing = true;
          return none;
        }),
        gateway: {
          ...healthy.gateway,
          createSession: (runs, delivery, clock) =>
            silentSession(healthy.gateway.createSession(runs, delivery, clock), clock, () => isMissing),
        },
      };
    },
  },
  {
    name: 'fake-success',
    kind: 'as-reported',
    story:
      'The same fallback, for a message that has a text: it sent all five events, a tenth of a second apart, and "Agent processed your message". Nobody had been asked. Read in the source.',
    breaks: [{ scenario, invariant: 'answers-carry-their-proofs', needs: 0 }],
    passes: [],
    parts: (healthy) => ({ ...healthy, startUp: standingIn(healthy, ({ clock }) => pretender(clock)) }),
  },
  {
    name: 'left-none',
    kind: 'as-reported',
    story:
      'Outside staging and production a supervisor that could not be made was left None, and the start went on. Read in the source.',
    breaks: [{ scenario, invariant: 'a-broken-start-is-refused-by-name', needs: 0 }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      startUp: standingIn(
        healthy,
        () => none,
        ({ environment }) => environment === 'development',
      ),
    }),
  },
  {
    name: 'readiness-forgotten',
    kind: 'half-fix',
    story:
      'The fix asked at the start whether everything is ready for staging, in a task of its own for which nobody waited: its error was lost, and the pipeline served. Read in the source of the fix.',
    breaks: [{ scenario, invariant: 'a-broken-start-is-refused-by-name', needs: 0 }],
    passes: [],
    parts: (healthy) => ({ ...healthy, startUp: forgetting(healthy.startUp) }),
  },
  {
    name: 'none-accepted',
    kind: 'half-fix',
    story:
      'The builder looked whether its dependencies exist. An attribute that is there and holds None exists. Read in the source.',
    breaks: [{ scenario, invariant: 'a-broken-start-is-refused-by-name', needs: 0 }],
    passes: [],
    parts: (healthy) => ({
      ...healthy,
      startUp: (means) =>
        healthy.startUp({
          ...means,
          dependencies: means.dependencies.map((dependency) =>
            dependency.given === null ? { ...dependency, given: {}, check: async () => {} } : dependency,
          ),
        }),
    }),
  },
];

export default defects;

/** The supervisor is made, and who would say that it cannot work is not heard. */
function forgetting(startUp: Parts['startUp']): Parts['startUp'] {
  return async (means) => {
    const supervisor = means.createSupervisor();
    startUp({ ...means, createSupervisor: () => supervisor }).catch(() => {});
    return { supervisor };
  };
}
