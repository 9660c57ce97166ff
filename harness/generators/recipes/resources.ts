import * as fixtureModule from '../fixture-module.ts';
import type { Recipe } from './recipe.ts';

/**
 * What stands for something outside the process. The shapes are those of the real things, written out: a real
 * socket would have to be closed, and its inner fields are others in every version of the platform.
 */
export const resources: readonly Recipe[] = [
  {
    name: 'database-session',
    shape:
      'a live database session: an instance of class DatabaseSession, id "session-1", in_transaction true, methods, and `bind` {dialect: "postgresql", driver}, whose driver is a module',
    data: { id: 'session-1', in_transaction: true, bind: { dialect: 'postgresql' } },
    foreign: [[], ['bind', 'driver']],
    make: () => new DatabaseSession(),
  },
  {
    name: 'socket',
    shape:
      'an open network connection: an instance of class Connection, remote_address "192.0.2.7", destroyed false, `handlers` {data, close} (functions), and `handle`, an instance {fd: 17} whose `owner` is the connection',
    data: { remote_address: '192.0.2.7', destroyed: false, handlers: {}, handle: { fd: 17 } },
    foreign: [[], ['handlers', 'data'], ['handlers', 'close'], ['handle'], ['handle', 'owner']],
    make: () => new Connection(),
  },
  {
    name: 'timer',
    shape:
      'a running timer as the platform keeps one: an instance of class Timeout, after_ms 5000, repeats true, a function `callback`, and `previous` and `next`, both the timer itself',
    data: { after_ms: 5000, repeats: true },
    foreign: [[], ['callback'], ['previous'], ['next']],
    make: () => new Timeout(),
  },
  {
    name: 'abort-signal',
    shape:
      "a signal by which work is cancelled: it has the kind and the methods of the platform's own, and no own property",
    make: () => Object.create(AbortSignal.prototype),
  },
  {
    name: 'execution-context',
    shape:
      'a frozen object {user_id, thread_id, run_id, request_id, created_at, metadata, session}: `session` is a live database session {id, in_transaction} with methods, whose `bind` {dialect, driver} leads to a module and whose `context` leads back',
    data: {
      user_id: 'user-context-1',
      thread_id: 'thread-context-1',
      run_id: 'run-context-1',
      request_id: 'request-context-1',
      created_at: '2025-09-12T17:15:00.000Z',
      metadata: { attempt: 1, labels: ['staging'] },
      session: { id: 'session-1', in_transaction: true, bind: { dialect: 'postgresql' } },
    },
    foreign: [['session'], ['session', 'bind', 'driver'], ['session', 'context']],
    make: executionContext,
  },
];

class DatabaseSession {
  readonly id = 'session-1';
  readonly in_transaction = true;
  readonly bind = { dialect: 'postgresql', driver: fixtureModule };

  query(): never {
    throw new Error('the session is closed');
  }
}

class SessionOfContext extends DatabaseSession {
  context: unknown;

  close(): void {
    this.context = undefined;
  }
}

class Handle {
  readonly fd = 17;
  readonly owner: unknown;

  constructor(owner: unknown) {
    this.owner = owner;
  }
}

class Connection {
  readonly remote_address = '192.0.2.7';
  readonly destroyed = false;
  readonly handlers = { data: () => {}, close: () => {} };
  readonly handle = new Handle(this);

  write(): boolean {
    return true;
  }
}

class Timeout {
  readonly after_ms = 5000;
  readonly repeats = true;
  readonly callback = () => {};
  readonly previous: unknown = this;
  readonly next: unknown = this;

  unref(): void {}
}

function executionContext(): object {
  const session = new SessionOfContext();
  const context = Object.freeze({
    user_id: 'user-context-1',
    thread_id: 'thread-context-1',
    run_id: 'run-context-1',
    request_id: 'request-context-1',
    created_at: '2025-09-12T17:15:00.000Z',
    metadata: { attempt: 1, labels: ['staging'] },
    session,
  });
  session.context = context;
  return context;
}
