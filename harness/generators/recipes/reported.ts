import type { Recipe } from './recipe.ts';

/** Further live objects that a real platform found in its results, by the names that its reports give them. */
export const reported: readonly Recipe[] = [
  {
    name: 'user-context',
    shape:
      'an instance of class UserExecutionContext: user_id, thread_id, run_id, isolation_token "token-1", and `memory_refs`, a list of one weak reference to the context',
    data: {
      user_id: 'user-context-2',
      thread_id: 'thread-context-2',
      run_id: 'run-context-2',
      isolation_token: 'token-1',
      memory_refs: [null],
    },
    foreign: [[], ['memory_refs', 0]],
    make: () => new UserExecutionContext(),
  },
  {
    name: 'engine-class',
    shape: 'the class UserExecutionEngine itself, in place of what an instance of it returned',
    make: () => UserExecutionEngine,
  },
];

class UserExecutionContext {
  readonly user_id = 'user-context-2';
  readonly thread_id = 'thread-context-2';
  readonly run_id = 'run-context-2';
  readonly isolation_token = 'token-1';
  readonly memory_refs = [new WeakRef(this)];
}

class UserExecutionEngine {
  readonly context: UserExecutionContext;

  constructor(context: UserExecutionContext) {
    this.context = context;
  }

  execute(): string {
    return this.context.run_id;
  }
}
