/** What the pipeline may lack when it starts. */
export const lackedDependencies = ['redis', 'model', 'usage', 'tools'] as const;

/**
 * `missing`: nothing was handed in, or nobody is there. `null`: null was. `broken`: it is there, and does not
 * work. `late`: it comes after a time.
 */
export const lackStates = ['missing', 'null', 'broken', 'late'] as const;

/** One thing that the pipeline lacks when it starts, as a case holds it: data. The world sees to it. */
export interface StartupLack {
  readonly dependency: (typeof lackedDependencies)[number];
  readonly state: (typeof lackStates)[number];
  /** Milliseconds after the start of the case until it is there and works. Absent: it stays as it is. */
  readonly forMs?: number;
}

/** How the pipeline is started. */
export interface Startup {
  /** Absent: production. */
  readonly environment?: 'development' | 'staging' | 'production';
  /** Whether it may start without what is missing, where its environment lets it. */
  readonly degraded?: true;
  readonly lacks: readonly StartupLack[];
}

/** What each state means for each dependency; a text that begins with `no:` says why there is none. */
export const lackMeanings: {
  readonly [dependency in StartupLack['dependency']]: {
    readonly [state in StartupLack['state']]: string;
  };
} = {
  redis: {
    missing: 'nobody takes connections',
    null: 'no: a pipeline is handed the address of Redis, which is a text',
    broken: 'it is a replica, and takes no writes',
    late: 'nobody takes connections for a time',
  },
  model: {
    missing: 'its address is empty',
    null: 'null in place of what reaches it',
    broken: 'it refuses the key (401)',
    late: 'its connections break for a time',
  },
  usage: {
    missing: 'there is no source of usage records',
    null: 'null in place of the source',
    broken: 'the source cannot be read',
    late: 'the source cannot be read for a time',
  },
  tools: {
    missing: 'no tools were handed in',
    null: 'null in place of the tools',
    broken: 'a tool that cannot be run',
    late: 'no: parts of the pipeline are there from the start, or never',
  },
};

/** Why no world can play it; null: each can. */
export function lackMisfit({ dependency, state, forMs }: StartupLack): string | null {
  const meaning = lackMeanings[dependency][state];
  if (meaning.startsWith('no: ')) return meaning.slice('no: '.length);
  const needsTime = state === 'late' || (dependency === 'redis' && state === 'broken');
  if (needsTime && forMs === undefined) return `${state} ${dependency} needs a time (forMs)`;
  const isLasting = state === 'missing' || state === 'null' || dependency === 'tools';
  if (isLasting && forMs !== undefined && dependency !== 'redis')
    return `${state} ${dependency} stays as it is: no time fits`;
  return null;
}
