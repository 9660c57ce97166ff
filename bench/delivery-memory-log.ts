import type { EventLog, LoggedEvent, RunKey, Standing } from '../src/delivery/event-log.ts';

/** An event log that is only memory, to see what delivery costs without a store: it forgets what was confirmed. */
export function memoryEventLog(): EventLog {
  const standings = new Map<string, Standing>();
  const logs = new Map<string, Map<number, LoggedEvent>>();
  const keyOf = ({ user, run }: RunKey): string => `${user}:${run}`;
  return {
    async accept(run, acceptance) {
      if (standings.has(keyOf(run))) return false;
      standings.set(keyOf(run), { ...acceptance, ended: false, confirmed: 0 });
      logs.set(keyOf(run), new Map());
      return true;
    },
    look: async (run) => standings.get(keyOf(run)) ?? null,
    async append(run, first, texts) {
      const log = logs.get(keyOf(run));
      texts.forEach((text, at) => {
        log?.set(first + at, { sequence: first + at, text });
      });
    },
    read: async (run, after, atMost) =>
      [...(logs.get(keyOf(run))?.values() ?? [])].filter(({ sequence }) => sequence > after).slice(0, atMost),
    last: async (run) => [...(logs.get(keyOf(run))?.values() ?? [])].at(-1) ?? null,
    async keep(run) {
      const known = standings.get(keyOf(run));
      standings.set(keyOf(run), run);
      const log = logs.get(keyOf(run));
      for (let number = (known?.confirmed ?? 0) + 1; number <= run.confirmed; number++) log?.delete(number);
      // What was confirmed to its end is asked for by nobody any more.
      if (run.ended && run.confirmed > 0) logs.delete(keyOf(run));
    },
    keepUnconfirmed: async () => {},
    forgetUnconfirmed: async () => {},
    unconfirmed: async () => [],
  };
}
