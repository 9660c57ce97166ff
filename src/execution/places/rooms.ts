/** Opens rooms for agents: threads and processes apart from the gateway's own. */
export interface Rooms {
  /** What happens in the room is told to `hears`, from the next tick on. */
  open(kind: RoomKind, bounds: RoomBounds, hears: RoomHears): Room;
}

export type RoomKind = 'worker' | 'child';

export interface RoomBounds {
  /** Of a worker: its heap. Of a child: all that the process has resident, as its machine counts it. */
  readonly memoryBytes: number;
  /** One message out of the room. */
  readonly messageBytes: number;
}

export interface RoomHears {
  heard(text: string): void;
  /** The room is no more; the last thing that is told. */
  gone(why: RoomEnd): void;
}

export type RoomEnd =
  /** It was over its memory, and was ended. */
  | { readonly by: 'memory' }
  /** It said more at once than is heard. */
  | { readonly by: 'flood' }
  /** It ended by itself. `code`: its exit code, the signal, or what nobody caught. */
  | { readonly by: 'exit'; readonly code: string };

export interface Room {
  tell(text: string): void;
  /** Ends it at once, whatever it does; nothing is told of it any more. */
  end(): void;
}
