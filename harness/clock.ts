/** The time of a world: virtual in simulation, the wall's in the real world. */
export interface WorldClock {
  /** Milliseconds since the case began. */
  now(): number;
  /** Runs `run` once, `ms` from now; the returned function undoes it. */
  after(ms: number, run: () => void): () => void;
}
