import type { AgentName } from '../agents/agent.ts';
import type { Clock } from '../ports.ts';

export interface PulsesMeans {
  readonly clock: Clock;
  /** How long an agent may show nothing before a pulse is told. */
  readonly everyMs: number;
  /** `ageMs`: since the agent began. `silentMs`: since it last showed anything. */
  tell(agent: AgentName, ageMs: number, silentMs: number): void;
}

/** Tells the user of one run that a silent agent is at work. Says nothing about the connection. */
export interface Pulses {
  began(agent: AgentName): void;
  /** The agent showed something itself. */
  showed(agent: AgentName): void;
  /** No pulse of this agent follows. */
  ended(agent: AgentName): void;
  /** The run is over: no pulse follows. */
  stop(): void;
}

/** An agent's pulse lives in what is known of that agent, and ends with it. */
export function createPulses({ clock, everyMs, tell }: PulsesMeans): Pulses {
  const working = new Map<AgentName, Working>();
  let isOver = false;

  function beat(agent: AgentName, at: Working): void {
    at.cancel = clock.after(everyMs, () => {
      const now = clock.now();
      tell(agent, now - at.beganAt, now - at.showedAt);
      beat(agent, at);
    });
  }

  function ended(agent: AgentName): void {
    working.get(agent)?.cancel();
    working.delete(agent);
  }

  return {
    began(agent) {
      ended(agent);
      if (isOver) return;
      const now = clock.now();
      const at = { beganAt: now, showedAt: now, cancel: () => {} };
      working.set(agent, at);
      beat(agent, at);
    },
    showed(agent) {
      const at = working.get(agent);
      if (at === undefined) return;
      at.showedAt = clock.now();
      at.cancel();
      beat(agent, at);
    },
    ended,
    stop() {
      isOver = true;
      for (const agent of [...working.keys()]) ended(agent);
    },
  };
}

interface Working {
  readonly beganAt: number;
  showedAt: number;
  cancel: () => void;
}
