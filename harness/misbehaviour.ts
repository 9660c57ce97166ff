/** Where the pipeline's agents run. */
export const agentPlaces = ['in-process', 'worker', 'child'] as const;
export type AgentPlace = (typeof agentPlaces)[number];

/** What an agent does in place of its work. It begins when its input reaches it. */
export type Misbehaviour =
  /** Never settles. */
  | { readonly do: 'hang' }
  /** Settles with nothing. */
  | { readonly do: 'return-nothing' }
  /** Never lets go of the thread that it runs in. */
  | { readonly do: 'spin' }
  /** Takes memory without end: objects, or buffers beside the heap. */
  | { readonly do: 'exhaust'; readonly what: 'heap' | 'buffers' }
  /** Calls `process.exit`. */
  | { readonly do: 'exit' };

/** What comes of it in a place: the code with which the turn fails, or why the place does not survive it. */
export type Survival = { readonly code: string } | { readonly notApplicable: string };

const timeOut: Survival = { code: 'AGENT_TIMEOUT' };
const nothing: Survival = { code: 'AGENT_RETURNED_NOTHING' };
const memory: Survival = { code: 'AGENT_MEMORY_LIMIT' };
const gone: Survival = { code: 'AGENT_EXITED' };
const sharesThread: Survival = {
  notApplicable: "the agent shares the gateway's thread, which nobody can end without the gateway",
};
const sharesMemory: Survival = {
  notApplicable: "the agent shares the gateway's memory, and what is whose cannot be told apart",
};

/**
 * The model that a simulation plays by. The conformance suite of the places holds the real ones against it; the
 * table in docs/agents.md is made from it.
 */
export const survivals: {
  readonly [place in AgentPlace]: { readonly [what in MisbehaviourName]: Survival };
} = {
  'in-process': {
    hang: timeOut,
    'return-nothing': nothing,
    spin: sharesThread,
    'exhaust heap': sharesMemory,
    'exhaust buffers': sharesMemory,
    exit: sharesThread,
  },
  worker: {
    hang: timeOut,
    'return-nothing': nothing,
    spin: timeOut,
    'exhaust heap': memory,
    'exhaust buffers': {
      notApplicable:
        'the limits of a thread are about its heap: buffers lie beside it, in the memory of the gateway',
    },
    exit: gone,
  },
  child: {
    hang: timeOut,
    'return-nothing': nothing,
    spin: timeOut,
    'exhaust heap': memory,
    'exhaust buffers': memory,
    exit: gone,
  },
};

/** Every misbehaviour by its name. */
export const misbehaviours = {
  hang: { do: 'hang' },
  'return-nothing': { do: 'return-nothing' },
  spin: { do: 'spin' },
  'exhaust heap': { do: 'exhaust', what: 'heap' },
  'exhaust buffers': { do: 'exhaust', what: 'buffers' },
  exit: { do: 'exit' },
} as const satisfies { readonly [name: string]: Misbehaviour };
export type MisbehaviourName = keyof typeof misbehaviours;

export function isMisbehaviour(fate: { readonly do: string }): fate is Misbehaviour {
  return ['hang', 'return-nothing', 'spin', 'exhaust', 'exit'].includes(fate.do);
}

export function survivalOf(place: AgentPlace, fate: Misbehaviour): Survival {
  return survivals[place][nameOf(fate)];
}

function nameOf(fate: Misbehaviour): MisbehaviourName {
  return fate.do === 'exhaust' ? `exhaust ${fate.what}` : fate.do;
}

/** Why an agent must not do this in such a place; null: it may. */
export function whyNotIn(place: AgentPlace, fate: { readonly do: string }): string | null {
  if (!isMisbehaviour(fate)) return null;
  const survival = survivalOf(place, fate);
  return 'code' in survival ? null : `${fate.do} is not applicable ${place}: ${survival.notApplicable}`;
}
