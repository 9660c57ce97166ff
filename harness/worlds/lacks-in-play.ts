import type { Case } from '../case.ts';
import type { WorldClock } from '../clock.ts';
import { faultName } from '../fault.ts';
import type { Recorder } from '../history.ts';
import type { ProcessFate } from '../process-fault.ts';
import { lackMisfit, type StartupLack } from '../startup.ts';

/** What a world does for those lacks that are no matter of how the pipeline is put together. */
export interface LackCarrier {
  /** Why Redis cannot be brought into such a state; null: it can. */
  whyNot(fate: ProcessFate): string | null;
  /** Redis takes no writes for so long. */
  readOnlyRedis(ms: number, ended: () => void): void;
  /** Nobody takes connections where Redis should be, until the returned function is called. */
  redisAway(): () => void;
  /** The model is away, or refuses its key, until the returned function is called. */
  modelIs(how: 'away' | 'refusing'): () => void;
}

/** What the pipeline of one play lacks from the start on: begun before it, told as faults that fired, ended in time. */
export class LacksInPlay {
  readonly #playing: Case;
  readonly #clock: WorldClock;
  readonly #recorder: Recorder;
  readonly #carrier: LackCarrier;
  readonly #lacks: readonly { readonly lack: StartupLack; readonly why: string | null }[];

  constructor(options: {
    readonly playing: Case;
    readonly clock: WorldClock;
    readonly recorder: Recorder;
    readonly carrier: LackCarrier;
  }) {
    this.#playing = options.playing;
    this.#clock = options.clock;
    this.#recorder = options.recorder;
    this.#carrier = options.carrier;
    this.#lacks = (options.playing.startup?.lacks ?? []).map((lack) => ({
      lack,
      why: lackMisfit(lack) ?? this.#whyNot(lack),
    }));
  }

  /** Those that this world can play: for whoever puts the pipeline together. */
  get playable(): readonly StartupLack[] {
    return this.#lacks.flatMap(({ lack, why }) => (why === null ? [lack] : []));
  }

  isOver({ forMs }: StartupLack): boolean {
    return forMs !== undefined && this.#clock.now() >= forMs;
  }

  begin(): void {
    const { faults, contaminations, process = [] } = this.#playing;
    const ahead = faults.length + contaminations.length + process.length;
    for (const [index, { lack, why }] of this.#lacks.entries()) {
      const about = { actor: 'faults', fault: ahead + index, name: faultName(lack) } as const;
      if (why !== null) {
        this.#recorder.record({ ...about, type: 'fault-skipped', why });
        continue;
      }
      this.#recorder.record({ ...about, type: 'fault-fired', fate: { do: 'lack', ...lack } });
      this.#carryOut(lack, () => this.#recorder.record({ ...about, type: 'fault-ended' }));
    }
  }

  #whyNot({ dependency, state, forMs = 0 }: StartupLack): string | null {
    const isAilment = dependency === 'redis' && state === 'broken';
    return isAilment ? this.#carrier.whyNot({ do: 'read-only-redis', ms: forMs }) : null;
  }

  #carryOut({ dependency, state, forMs }: StartupLack, ended: () => void): void {
    if (dependency === 'redis' && state === 'broken') {
      this.#carrier.readOnlyRedis(forMs ?? 0, ended);
      return;
    }
    let isBack = (): void => {};
    if (dependency === 'redis') isBack = this.#carrier.redisAway();
    if (dependency === 'model' && state === 'late') isBack = this.#carrier.modelIs('away');
    if (dependency === 'model' && state === 'broken') isBack = this.#carrier.modelIs('refusing');
    if (forMs === undefined) return;
    this.#clock.after(forMs, () => {
      isBack();
      ended();
    });
  }
}
