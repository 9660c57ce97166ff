import type { AgentName } from '../../src/agents/agent.ts';
import type { Pulses, PulsesMeans } from '../../src/gateway/pulses.ts';

/** A loop for each agent that ever began; they end with the run, and with nothing else. */
export function zombiePulses({ clock, everyMs, tell }: PulsesMeans): Pulses {
  let isOver = false;

  function loop(agent: AgentName, beganAt: number): void {
    clock.after(everyMs, () => {
      if (isOver) return;
      const age = clock.now() - beganAt;
      tell(agent, age, age);
      loop(agent, beganAt);
    });
  }

  return {
    began: (agent) => loop(agent, clock.now()),
    showed: () => {},
    ended: () => {},
    stop() {
      isOver = true;
    },
  };
}
