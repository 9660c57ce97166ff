import type { Delivery } from '../delivery/delivery.ts';
import type { Outlet } from '../delivery/outlet.ts';
import type { ClientMessage } from '../messages.ts';
import type { Identity } from './authenticate.ts';
import type { Runs } from './runs.ts';

/** Does what a client's message asks. Rejects with the PipelineError that the client is to be told. */
export type Session = (outlet: Outlet, message: ClientMessage, identity: Identity) => Promise<void>;

export function createSession(runs: Runs, delivery: Delivery): Session {
  return async (outlet, message, { scopes }) => {
    switch (message.type) {
      case 'ping':
        outlet.notify({ type: 'pong' });
        return;
      case 'start_agent':
        await runs.start(outlet, {
          runId: message.run_id,
          threadId: message.thread_id,
          request: message.payload.user_request,
          ...(scopes === undefined ? {} : { scopes }),
        });
        return;
      case 'event_confirmation':
        await delivery.confirm(outlet, message.run_id, message.sequence);
        return;
      case 'resume':
        await delivery.resume(outlet, message.run_id, message.after);
    }
  };
}
