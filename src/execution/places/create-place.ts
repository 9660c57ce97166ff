import type { AgentName } from '../../agents/agent.ts';
import { createInProcessPlace } from './in-process.ts';
import type { Place, PlaceName } from './place.ts';
import { createRoomPlace } from './room-place.ts';
import type { AgentSource } from './room-words.ts';
import type { Rooms } from './rooms.ts';

/** What a place is made with, as the configuration says. */
export interface PlaceMeans {
  readonly place: PlaceName;
  readonly rooms: Rooms;
  readonly sources: Readonly<Record<AgentName, AgentSource>>;
  readonly memoryBytes: number;
  readonly roomsMost: number;
}

/** The place in which agents run. */
export function createPlace({ place, rooms, sources, memoryBytes, roomsMost }: PlaceMeans): Place {
  if (place === 'in-process') return createInProcessPlace();
  return createRoomPlace({ kind: place, rooms, sources, bounds: { memoryBytes, messageBytes }, roomsMost });
}

/** More than any result takes once it is encoded, and its account with it. */
const messageBytes = 64 * 1024 * 1024;
