import type { Case } from '../../case.ts';
import type { EventDraft } from '../../history.ts';
import type { Decision } from '../../instrument/inside-host.ts';
import type { MessageDraft } from '../../message.ts';
import type { AgentPlace } from '../../misbehaviour.ts';
import type { Startup } from '../../startup.ts';
import type { DefectReference } from '../../world.ts';

/** What a pipeline in a child process is set up with for one play. Holds no password: gates see to those. */
export interface ChildSetup {
  readonly redisPort: number;
  readonly modelUrl: string;
  readonly keyPrefix: string;
  readonly seed: number;
  /** Where agents run; absent: in process. */
  readonly agentPlace?: AgentPlace;
  /** Milliseconds by which the clock on the wall is wrong at the start. */
  readonly clockErrorMs: number;
  readonly limits?: Case['limits'];
  /** How it is started, and what it lacks: `forMs` counts from now. */
  readonly startup?: Startup;
  readonly defect?: DefectReference;
}

/** To the child. `play` counts the starts of one child, so that what is late is known for it. */
export type ToChild =
  | { readonly do: 'start'; readonly play: number; readonly setup: ChildSetup }
  | { readonly do: 'stop'; readonly play: number }
  /** Takes memory for nothing, or gives back what that fill took: several may overlap. */
  | { readonly do: 'fill'; readonly play: number; readonly fill: number; readonly bytes: number }
  | { readonly do: 'empty'; readonly play: number; readonly fill: number }
  /** The clock on the wall jumps. */
  | { readonly do: 'jump'; readonly play: number; readonly byMs: number }
  | { readonly do: 'decided'; readonly play: number; readonly call: number; readonly decision: Decision };

/** From the child. */
export type FromChild =
  | { readonly did: 'load' }
  | { readonly did: 'start'; readonly play: number; readonly url: string }
  | { readonly did: 'stop'; readonly play: number }
  | { readonly did: 'fill' | 'empty'; readonly play: number; readonly fill: number }
  | { readonly did: 'meet'; readonly play: number; readonly call: number; readonly draft: MessageDraft }
  | { readonly did: 'fire' | 'pass'; readonly play: number; readonly meeting: number }
  | { readonly did: 'poison'; readonly play: number; readonly meeting: number; readonly index: number }
  | { readonly did: 'record'; readonly play: number; readonly draft: EventDraft };
