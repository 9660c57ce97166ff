import type { Fate } from '../fault.ts';
import type { EventDraft } from '../history.ts';
import type { MessageDraft } from '../message.ts';

/**
 * What the wrappers of the in-process wires (tool, agent) ask of the play's director: directly in
 * simulation, over IPC from the child process in the real world. All arguments and answers are plain data.
 */
export interface InsideHost {
  /** Names the message, decides, and waits out any delay or hold. */
  meet(draft: MessageDraft): Promise<Decision>;
  /** The fate was carried out. */
  fired(meeting: number): void;
  /** The poison at this index of `Decision.poison` was put in. */
  poisoned(meeting: number, index: number): void;
  /** The message reached the other side. */
  passed(meeting: number): void;
  record(draft: EventDraft): void;
}

export interface Decision {
  /** For `fired`, `poisoned` and `passed`. */
  readonly meeting: number;
  readonly fate: Fate;
  /** What to put into the result, for replies. `index` is the contamination's place in the case. */
  readonly poison: readonly {
    readonly index: number;
    readonly path: readonly (string | number)[];
    readonly recipe: string;
  }[];
}
