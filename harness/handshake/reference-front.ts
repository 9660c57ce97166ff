import { isJsonObject, type JsonObject } from '../../src/json.ts';
import { subprotocol } from '../../src/messages.ts';
import { tokenFor } from '../reference/config.ts';
import type { Front } from './front.ts';
import type { Knock, Said } from './knock.ts';

/** The front of the reference pipeline, `agent.v1`. */
export const referenceFront: Front = {
  upgrade(knock, user, nowMs) {
    const token = tokenOf(knock, user, nowMs);
    const offered = offeredBy(knock, token);
    const origin = { none: undefined, foreign: 'https://elsewhere.example', null: 'null' }[knock.origin];
    const lines = [
      'GET /ws HTTP/1.1',
      'Host: pipeline.simulated',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...(offered.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${offered.join(', ')}`]),
      ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ];
    return `${lines.join('\r\n')}\r\n\r\n`;
  },
  codeHeader: 'x-faultline-code',
  isWelcome: (message) => isJsonObject(message) && message.type === 'connection_established',
  message(said, number) {
    switch (said.what) {
      case 'ping':
        return { type: 'ping' };
      case 'start':
        return {
          type: 'start_agent',
          run_id: runOf(said, number),
          thread_id: 'thread-1',
          payload: { user_request: 'Which model is the cheapest for us?' },
        };
      case 'resume':
        return { type: 'resume', run_id: runOf(said, number), after: said.after };
    }
  },
  answers(message, said, number) {
    if (!isJsonObject(message)) return false;
    if (said.what === 'ping') return message.type === 'pong';
    if (message.run_id !== runOf(said, number)) return false;
    return isEnd(message) || (said.what === 'resume' && message.type !== 'agent_heartbeat');
  },
};

/** Connections at once ask for runs of their own. */
function runOf(said: Exclude<Said, { what: 'ping' }>, number: number): string {
  return number === 1 ? said.run : `${said.run}.${number}`;
}

function isEnd({ type }: JsonObject): boolean {
  return type === 'run_completed' || type === 'run_failed' || type === 'error';
}

function tokenOf({ token }: Knock, user: string, nowMs: number): string | undefined {
  switch (token) {
    case 'none':
      return undefined;
    case 'malformed':
      return 'no-token-at-all';
    case 'expired':
      return tokenFor(user, nowMs - 7_200_000);
    case 'other-key':
      return tokenFor(user, nowMs, { secret: 'a-key-that-the-pipeline-has-never-seen' });
    case 'unsigned':
      return tokenFor(user, nowMs, { alg: 'none' });
    case 'other-audience':
      return tokenFor(user, nowMs, { claims: { aud: 'somebody-else' } });
    case 'good':
      // With an id: whether it was revoked is asked of the store, so authentication can be slow.
      return tokenFor(user, nowMs, { claims: { jti: `token-of-${user}` } });
  }
}

function offeredBy({ offer }: Knock, token: string | undefined): string[] {
  const shown = token === undefined ? [] : [`jwt.${token}`];
  if (offer === 'without-subprotocol') return shown;
  return offer === 'usual' ? [subprotocol, ...shown] : [...shown, subprotocol];
}
