import { PipelineError } from '../../src/errors.ts';
import type { Engine } from '../../src/execution/engine.ts';
import type { EngineMeans } from '../../src/execution/engine-means.ts';
import type { Parts } from '../../src/parts.ts';
import type { Clock } from '../../src/ports.ts';

const heartbeatTimeoutMs = 10_000;
const sweepMs = 1_000;

/** Every run is registered with the one tracker; nobody ever tells it that one lives. */
export function trackedEngine(createEngine: Parts['createEngine']): Parts['createEngine'] {
  const tracker = new ExecutionTracker();
  return (means) => tracked(createEngine(means), tracker.register(means));
}

function tracked(engine: Engine, execution: Execution): Engine {
  return {
    run: (step) => engine.run({ ...step, signal: AbortSignal.any([step.signal, execution.death.signal]) }),
  };
}

interface Execution {
  heardAt: number;
  readonly death: AbortController;
}

class ExecutionTracker {
  readonly #executions = new Set<Execution>();
  #isSweeping = false;

  register({ clock }: EngineMeans): Execution {
    const execution = { heardAt: clock.now(), death: new AbortController() };
    this.#executions.add(execution);
    if (!this.#isSweeping) this.#sweep(clock);
    return execution;
  }

  #sweep(clock: Clock): void {
    this.#isSweeping = this.#executions.size > 0;
    if (!this.#isSweeping) return;
    clock.after(sweepMs, () => {
      for (const execution of this.#executions) {
        if (clock.now() - execution.heardAt < heartbeatTimeoutMs) continue;
        this.#executions.delete(execution);
        execution.death.abort(new PipelineError('AGENT_TIMEOUT', { detail: 'no heartbeat' }));
      }
      this.#sweep(clock);
    });
  }
}
