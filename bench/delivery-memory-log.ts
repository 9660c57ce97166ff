import type { EventLog, LoggedEvent, RunKey, Standing } from '../src/delivery/event-log.ts';

/** An event log that is only memory, to see what delivery costs without a store. */
export function memoryEventLog(): EventLog {
  const standings = new Map<string, Standing>();
  const logs = new Map<string, LoggedEvent[]>();
  const keyOf = ({ user, run }: RunKey): string => `${user}:${run}`;
  return {
    async accept(run, acceptance) {
      if (standings.has(keyOf(run))) return false;
      standings.set(keyOf(run), { ...acceptance, ended: false, confirmed: 0 });
      logs.set(keyOf(run), []);
      return true;
    },
    look: async (run) => standings.get(keyOf(run)) ?? null,
    async append(run, first, texts) {
      const log = logs.get(keyOf(run));
      texts.forEach((text, at) => {
        log?.push({ sequence: first + at, text });
      });
    },
    read: async (run, after, atMost) => (logs.get(keyOf(run)) ?? []).slice(after, after + atMost),
    last: async (run) => logs.get(keyOf(run))?.at(-1) ?? null,
    async keep(run) {
      standings.set(keyOf(run), run);
      // What was confirmed to its end is asked for by nobody any more.
      if (run.ended && run.confirmed > 0) logs.delete(keyOf(run));
    },
    keepUnconfirmed: async () => {},
    forgetUnconfirmed: async () => {},
    unconfirmed: async () => [],
  };
}
