import type { Agent, AgentName } from '../../../src/agents/agent.ts';
import { serveRoom } from '../../../src/execution/places/inside-room.ts';
import type { Room, RoomEnd, RoomHears, RoomKind, Rooms } from '../../../src/execution/places/rooms.ts';
import type { Parts } from '../../../src/parts.ts';
import { PlacedAgent, type PlacedAgentOptions } from '../../instrument/placed-agent.ts';
import { type Misbehaviour, survivalOf } from '../../misbehaviour.ts';
import type { Kernel, Realm } from './kernel.ts';

/** Virtual milliseconds: until a room is loaded, for a text on its way, and until a process has filled its memory. */
const takesMs = { worker: 40, child: 120, text: 0.2, filling: 300, exiting: 2 };

/**
 * Rooms in the thread of the simulation. What agents do is done as it is, but for what would end or block this
 * thread: that goes by the model (`survivals`).
 */
export function simulatedRooms(kernel: Kernel, realm: Realm, agents: () => Parts['agents']): Rooms {
  return { open: (kind, _bounds, hears) => new SimulatedRoom(kernel, realm, agents, kind, hears) };
}

class SimulatedRoom implements Room {
  readonly #kernel: Kernel;
  readonly #realm: Realm;
  readonly #kind: RoomKind;
  readonly #hears: RoomHears;
  #hear: (text: string) => void = () => {};
  #isOver = false;

  constructor(kernel: Kernel, realm: Realm, agents: () => Parts['agents'], kind: RoomKind, hears: RoomHears) {
    this.#kernel = kernel;
    this.#realm = realm;
    this.#kind = kind;
    this.#hears = hears;
    this.#later(takesMs[kind], () => {
      this.#hear = serveRoom(
        { tell: (text) => this.#later(takesMs.text, () => hears.heard(text)) },
        async ({ options }) =>
          new PlacedAgent(options as unknown as PlacedAgentOptions, {
            make: async (_source, agent) => madeOf(agents(), agent),
            misbehave: (fate) => this.#misbehave(fate),
          }),
      );
    });
  }

  tell(text: string): void {
    this.#later(takesMs.text, () => this.#hear(text));
  }

  end(): void {
    this.#isOver = true;
  }

  #misbehave(fate: Misbehaviour): Promise<unknown> {
    const survival = survivalOf(this.#kind, fate);
    const code = 'code' in survival ? survival.code : '';
    if (code === 'AGENT_RETURNED_NOTHING') return Promise.resolve(undefined);
    if (code === 'AGENT_MEMORY_LIMIT') this.#dies(takesMs.filling, { by: 'memory' });
    if (code === 'AGENT_EXITED') this.#dies(takesMs.exiting, { by: 'exit', code: '7' });
    return new Promise(() => {});
  }

  #dies(afterMs: number, why: RoomEnd): void {
    this.#later(afterMs, () => {
      this.#isOver = true;
      this.#hears.gone(why);
    });
  }

  #later(ms: number, run: () => void): void {
    this.#kernel.schedule(
      ms,
      () => {
        if (!this.#isOver) run();
      },
      this.#realm,
    );
  }
}

function madeOf(agents: Parts['agents'], agent: AgentName): Agent {
  return new agents[agent]();
}
