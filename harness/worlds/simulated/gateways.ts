import { HarnessError } from '../../errors.ts';
import { codeOfThrown } from '../../instrument/code-of-thrown.ts';
import { OwnEnds } from '../own-ends.ts';
import { exitCodeOfRefusal } from '../start-refusal.ts';
import type { Instance } from './instance.ts';
import type { Kernel, Realm } from './kernel.ts';
import type { Network } from './network.ts';

export interface GatewaysOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  /** How many there are. */
  readonly count: number;
  /** A new process of that gateway, not started yet. `number` counts processes of all gateways. */
  create(gateway: number, number: number): Instance;
}

/** How long a crashed process takes to be back. */
const restartMs = 500;

/** The processes of the pipeline in one play: each may crash or be killed, and comes back on the same stores. */
export class Gateways {
  readonly #options: GatewaysOptions;
  readonly #instances: Instance[] = [];
  #created = 0;
  /** By gateway. */
  readonly #ends = new Map<number, OwnEnds>();

  constructor(options: GatewaysOptions) {
    this.#options = options;
    for (let gateway = 1; gateway <= options.count; gateway++) this.#instances.push(this.#create(gateway));
  }

  /** Whether each has got as far as it will. */
  get settled(): boolean {
    return this.#instances.every(({ settled }) => settled);
  }

  get first(): Instance {
    return this.#at(1);
  }

  startAll(): void {
    for (const instance of this.#instances) this.#start(instance);
  }

  /** Dies at once, and is back after a time; nothing, where it is down already. */
  kill(gateway: number, backAfterMs: number, back: () => void): void {
    const instance = this.#instances[gateway - 1];
    if (instance === undefined || !instance.running) back();
    else this.#die(instance, 'killed', 'SIGKILL', backAfterMs, back);
  }

  /** A throw that nobody caught ends the process that it happened in. False: the realm is none of theirs. */
  thrown(thrown: unknown, realm: Realm): boolean {
    const instance = this.#instances.find((each) => each.realm === realm);
    if (instance === undefined) return false;
    if (instance.gone) return true;
    const exit = instance.settled ? null : exitCodeOfRefusal(thrown);
    if (exit === null) this.#die(instance, 'crashed', codeOfThrown(thrown), restartMs);
    else this.#die(instance, 'refused', String(exit), restartMs);
    return true;
  }

  /** Each ends as asked, one after the other, and `next` starts in its place; without `next` nothing does. */
  async replace(until: (met: () => boolean) => Promise<void>, next: 'next' | 'none'): Promise<void> {
    const { kernel, network, count } = this.#options;
    for (let gateway = 1; gateway <= count; gateway++) {
      const old = this.#at(gateway);
      kernel.schedule(0, () => old.close(), old.realm);
      await until(() => old.gone || this.#at(gateway) !== old);
      old.ended('asked', 'STILL_RUNNING');
      network.cutOff(old.realm);
      if (next === 'none') continue;
      const started = this.#create(gateway);
      this.#instances[gateway - 1] = started;
      this.#start(started);
      await until(() => started.settled);
    }
  }

  #at(gateway: number): Instance {
    const instance = this.#instances[gateway - 1];
    if (instance === undefined) {
      throw new HarnessError('internal', `There is no gateway ${gateway}.`, 'Report it with the case.');
    }
    return instance;
  }

  #create(gateway: number): Instance {
    return this.#options.create(gateway, ++this.#created);
  }

  #start(instance: Instance): void {
    const { kernel } = this.#options;
    kernel.schedule(0, () => instance.start((thrown) => this.thrown(thrown, instance.realm)), instance.realm);
  }

  #die(
    instance: Instance,
    cause: 'crashed' | 'killed' | 'refused',
    code: string,
    backAfterMs: number,
    back: () => void = () => undefined,
  ): void {
    const { kernel, network } = this.#options;
    const index = this.#instances.indexOf(instance);
    instance.ended(cause, code);
    network.cutOff(instance.realm);
    const ends = this.#ends.get(index) ?? new OwnEnds();
    ends.count(cause);
    this.#ends.set(index, ends);
    if (ends.areTooMany) {
      back();
      return;
    }
    const next = this.#create(index + 1);
    this.#instances[index] = next;
    kernel.after(backAfterMs, () => {
      // Another version may have taken its place meanwhile.
      if (this.#instances[index] === next) this.#start(next);
      back();
    });
  }
}
