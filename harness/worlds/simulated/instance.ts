import type { PipelineConfig } from '../../../src/config.ts';
import type { Parts } from '../../../src/parts.ts';
import { createPipeline, type Pipeline } from '../../../src/pipeline.ts';
import type { Ports } from '../../../src/ports.ts';
import type { EventOf, Recorder } from '../../history.ts';
import type { Realm } from './kernel.ts';

export interface InstanceOptions {
  readonly number: number;
  /** In the history. */
  readonly name: string;
  readonly realm: Realm;
  readonly recorder: Recorder;
  readonly ports: Ports;
  readonly config: PipelineConfig;
  readonly parts: Parts;
  /** Breaks off the calls that are under way: when the process is no more, who serves it sees its connections break. */
  readonly calls: Iterable<() => void>;
  /** What it said it lacks, where it would not start. */
  refusal(): readonly string[];
}

/** One process of the pipeline, as a play sees it: started, then closed or crashed. */
export class Instance {
  readonly realm: Realm;
  /** In the history. */
  readonly name: string;
  readonly #options: InstanceOptions;
  #pipeline: Pipeline | null = null;
  #state: 'new' | 'starting' | 'up' | 'closing' | 'gone' = 'new';

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.realm = options.realm;
    this.name = options.name;
  }

  /** Whether it has got as far as it will: it serves, or it is gone. */
  get settled(): boolean {
    return this.#state !== 'new' && this.#state !== 'starting';
  }

  /** Whether there is a process that could die. */
  get running(): boolean {
    return this.#state !== 'new' && this.#state !== 'gone';
  }

  get gone(): boolean {
    return this.#state === 'gone';
  }

  /** To be called in the instance's own realm. A start that fails ends the process, as it would. */
  start(failed: (thrown: unknown) => void): void {
    const { ports, config, parts } = this.#options;
    this.#state = 'starting';
    this.#record({ type: 'process-started' });
    this.#pipeline = createPipeline(ports, config, parts);
    this.#pipeline.start().then(() => {
      if (this.#state === 'starting') this.#state = 'up';
    }, failed);
  }

  /** To be called in the instance's own realm. What never started never ran. */
  close(): void {
    if (this.#state === 'new') {
      this.#state = 'gone';
      this.realm.alive = false;
    }
    if (this.#pipeline === null || this.gone) return;
    this.#state = 'closing';
    const closed = (code: string) => (): void => this.ended('asked', code);
    this.#pipeline.close().then(closed('0'), closed('CLOSE_FAILED'));
  }

  /** The process is no more. */
  ended(cause: ExitCause, code: string): void {
    if (this.gone) return;
    this.#state = 'gone';
    this.realm.alive = false;
    if (cause === 'refused') this.#record({ type: 'start-refused', names: this.#options.refusal() });
    this.#record({ type: 'process-exited', cause, code });
    for (const breakOff of this.#options.calls) breakOff();
  }

  #record(
    what:
      | { type: 'process-started' }
      | { type: 'start-refused'; names: readonly string[] }
      | { type: 'process-exited'; cause: ExitCause; code: string },
  ): void {
    const { recorder, number, name } = this.#options;
    recorder.record({ ...what, actor: 'world', process: name, instance: number });
  }
}

type ExitCause = EventOf<'process-exited'>['cause'];
