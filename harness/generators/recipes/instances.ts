import type { Recipe } from './recipe.ts';

/** Objects with behaviour: agents, and what holds and calls them. */
export const instances: readonly Recipe[] = [
  {
    name: 'agent-instance',
    shape:
      'an instance of class PlainAgent: name "data", count 3, and a method describe(); nothing else is alive in it',
    data: { name: 'data', count: 3 },
    foreign: [[]],
    make: () => new PlainAgent(),
  },
  {
    name: 'class-instance',
    shape:
      'an agent-like instance of class AgentInstance: id "agent-7", count 3, a method describe(), and `timer`, an object {repeats: true} that refers to itself and to the instance and holds a function, as a running timer does',
    data: { id: 'agent-7', count: 3, timer: { repeats: true } },
    foreign: [[], ['timer', 'callback'], ['timer', 'self'], ['timer', 'owner']],
    make: () => new AgentInstance(),
  },
  {
    name: 'agent-in-cycle',
    shape:
      'an instance of class SupervisedAgent: name "triage", and `supervisor`, an instance {id: "supervisor-1", agents} whose `agents` is a list that holds the agent',
    data: { name: 'triage', supervisor: { id: 'supervisor-1', agents: [null] } },
    foreign: [[], ['supervisor'], ['supervisor', 'agents', 0]],
    make: () => new SupervisedAgent(),
  },
  {
    name: 'registry',
    shape:
      'an instance of class AgentRegistry: size 2, and `classes`, a map from the names triage and data to classes',
    data: { size: 2 },
    foreign: [[], ['classes']],
    make: () => new AgentRegistry(),
  },
  {
    name: 'dispatcher',
    shape:
      'an instance of class ToolDispatcher: calls 2, `tools`, a list of objects with the names "fetch" and "compute" and a function `run` each, and `emitter`, an instance with a list of one listener',
    data: {
      calls: 2,
      tools: [{ name: 'fetch' }, { name: 'compute' }],
      emitter: { delivered: 5, listeners: [null] },
    },
    foreign: [[], ['tools', 0, 'run'], ['tools', 1, 'run'], ['emitter'], ['emitter', 'listeners', 0]],
    make: () => new ToolDispatcher(),
  },
  {
    name: 'private-fields',
    shape:
      'an instance of class Credential: id "credential-1", and a field that only its own methods can read',
    data: { id: 'credential-1' },
    foreign: [[]],
    make: () => new Credential(),
  },
  {
    name: 'instance-without-name',
    shape: 'an instance of an anonymous class: id "anonymous-1", and a method',
    data: { id: 'anonymous-1' },
    foreign: [[]],
    make: () =>
      new (class {
        readonly id = 'anonymous-1';

        refresh(): void {}
      })(),
  },
];

class PlainAgent {
  readonly name = 'data';
  readonly count = 3;

  describe(): string {
    return `${this.name} (${this.count})`;
  }
}

class AgentInstance {
  readonly id = 'agent-7';
  readonly count = 3;
  readonly timer: { repeats: boolean; self?: unknown; owner?: unknown; callback: () => void };

  constructor() {
    this.timer = { repeats: true, callback: () => {} };
    this.timer.self = this.timer;
    this.timer.owner = this;
  }

  describe(): string {
    return `${this.id} (${this.count})`;
  }
}

class Supervisor {
  readonly id = 'supervisor-1';
  readonly agents: unknown[];

  constructor(agent: unknown) {
    this.agents = [agent];
  }
}

class SupervisedAgent {
  readonly name = 'triage';
  readonly supervisor = new Supervisor(this);
}

class AgentRegistry {
  readonly size = 2;
  readonly classes = new Map<string, unknown>([
    ['triage', PlainAgent],
    ['data', AgentInstance],
  ]);

  create(): PlainAgent {
    return new PlainAgent();
  }
}

class EventEmitter {
  readonly delivered = 5;
  readonly listeners = [() => {}];
}

class ToolDispatcher {
  readonly calls = 2;
  readonly tools = [
    { name: 'fetch', run: () => 'fetched' },
    { name: 'compute', run: () => 'computed' },
  ];
  readonly emitter = new EventEmitter();

  dispatch(): void {}
}

class Credential {
  readonly id = 'credential-1';
  readonly #secret = 'never to be seen';

  matches(text: string): boolean {
    return text === this.#secret;
  }
}
