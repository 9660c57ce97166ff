import type { Session } from '../../src/gateway/session.ts';
import type { Parts } from '../../src/parts.ts';
import type { Clock } from '../../src/ports.ts';
import { StartRefused } from '../../src/startup/start-refused.ts';
import type { Started, StartUpMeans } from '../../src/startup/start-up.ts';
import type { Supervisor } from '../../src/supervisor/run-means.ts';

/** Where the start is refused, somebody else stands in for the supervisor, and the pipeline serves all the same. */
export function standingIn(
  healthy: Parts,
  inPlace: (means: StartUpMeans) => Supervisor,
  isFor: (means: StartUpMeans) => boolean = () => true,
): Parts['startUp'] {
  return async (means): Promise<Started> => {
    try {
      return await healthy.startUp(means);
    } catch (thrown) {
      if (!(thrown instanceof StartRefused) || !isFor(means)) throw thrown;
      return { supervisor: inPlace(means) };
    }
  };
}

/** The endpoint looks three times, half a second apart, for a supervisor; then its handler finds nothing to do. */
export function silentSession(healthy: Session, clock: Clock, isMissing: () => boolean): Session {
  return async (outlet, message, identity) => {
    if (message.type !== 'start_agent' || !isMissing()) return healthy(outlet, message, identity);
    for (let look = 0; look < 3; look++) await new Promise<void>((resolve) => clock.after(500, resolve));
  };
}

/** Shows five events, a tenth of a second apart, and an answer, without having asked anybody. */
export function pretender(clock: Clock): Supervisor {
  const pause = () => new Promise<void>((resolve) => clock.after(100, resolve));
  return {
    async run({ request, runId }, { emit }) {
      const call = { call_id: `${runId}.fallback`, tool_name: 'message_processor' };
      await emit('agent_started', 'triage', { status: 'started' });
      await pause();
      await emit('agent_thinking', 'triage', {
        status: 'thinking',
        reasoning: 'Processing your message…',
        step_number: 1,
      });
      await pause();
      await emit('tool_executing', 'triage', {
        status: 'executing',
        ...call,
        parameters: {},
        account: [],
      });
      await pause();
      await emit('tool_completed', 'triage', {
        status: 'completed',
        ...call,
        result: { processed: true },
        account: [],
        execution_time_ms: 100,
      });
      await pause();
      await emit('agent_completed', 'triage', {
        status: 'completed',
        result: { response: 'Agent processed your message' },
        account: [],
        execution_time_ms: 400,
      });
      await pause();
      await emit('run_completed', 'supervisor', {
        status: 'complete',
        report: { response: `Agent processed your message: ${request}` },
        account: [],
        missing: [],
        model: 'scripted',
      });
    },
  };
}
