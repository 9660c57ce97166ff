import type { Json, JsonObject } from '../../src/json.ts';
import type { Knock, Said } from './knock.ts';

/** What one server calls the things of a handshake: everything that a knock leaves open. */
export interface Front {
  /** The upgrade request, up to its empty line. `nowMs`: milliseconds since the Unix epoch. */
  upgrade(knock: Knock, user: string, nowMs: number): string;
  /** The header of a refusal that names its code, in lower case. */
  readonly codeHeader: string;
  /** Whether the server says by this that it is ready. */
  isWelcome(message: Json): boolean;
  /** `run` and `after` are the case's; `number` tells connections at once apart. */
  message(said: Said, number: number): JsonObject;
  /** Whether this is the server's answer to that. */
  answers(message: Json, said: Said, number: number): boolean;
}
