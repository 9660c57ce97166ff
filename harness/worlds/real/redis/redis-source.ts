import { HarnessError } from '../../../errors.ts';
import type { RedisInUse } from '../../../world.ts';
import type { RedisAddress } from './address.ts';

/** `any`: the best that can be had. A name or a URL forbids all others. */
export type RedisWish = 'any' | 'container' | 'process' | 'embedded' | (string & {});

export interface RedisRequest {
  readonly env: NodeJS.ProcessEnv;
  /** Told what takes long, one line each. */
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A Redis server in use. */
export interface RedisServer {
  readonly kind: Exclude<RedisInUse['kind'], 'simulated'>;
  readonly version: string;
  readonly address: RedisAddress;
  /** Whether this run started it. One that it did not start is foreign: only own keys are touched there. */
  readonly owned: boolean;
  /** Absent where there is none of its own. */
  readonly process?: RedisProcess;
  /** Where the server can be told directly to be in a bad way; elsewhere that is done by commands. */
  readonly ail?: (how: 'full' | 'readOnly', on: boolean) => void;
  close(): Promise<void>;
}

/** The process of a server that this run started. */
export interface RedisProcess {
  /** Stands still, or goes on. */
  stall(still: boolean): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again with its append-only file, perhaps on another port. It may not answer yet. */
  start(): Promise<RedisAddress>;
}

/** One kind of Redis. Opening it rejects with `Unavailable` where this machine cannot give it. */
export interface RedisSource {
  readonly kind: RedisServer['kind'];
  /** What a run does without when this kind cannot be had, for the note about it. */
  readonly loses: string;
  open(request: RedisRequest): Promise<RedisServer>;
}

/** Why a kind of Redis cannot be had here, in one line, and what would help. */
export class Unavailable extends HarnessError {
  constructor(why: string, remedy: string, cause?: unknown) {
    super('environment', why, remedy, cause);
    this.name = 'Unavailable';
  }
}
