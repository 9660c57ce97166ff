import type { AgentFailed, AgentName, AgentOutcome } from '../agents/agent.ts';
import type { Circuits } from '../breakers/circuits.ts';
import type { OutcomeCache } from '../cache/outcome-cache.ts';
import type { UserExecutionContext } from '../context/context.ts';
import { catalogue, codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { Engine } from '../execution/engine.ts';
import type { Place as AgentPlace, RunPlace } from '../execution/places/place.ts';
import type { RunLedger } from '../execution/run-ledger.ts';
import type { ModelClient } from '../model/model-client.ts';
import type { Parts } from '../parts.ts';
import type { Clock } from '../ports.ts';
import type { RunState, RunStates } from '../state/run-state.ts';
import type { Tool } from '../tools/tool.ts';
import type { Place } from '../workflow/paths.ts';
import { type Outcomes, runWorkflow } from '../workflow/workflow.ts';
import { agentMeans } from './agent-means.ts';
import { heldMeans } from './held-means.ts';
import { createRunEvents, type RunEvents } from './run-events.ts';
import type { RunMeans, RunWitness, Supervisor } from './run-means.ts';
import { missingParts, validateDependencies } from './validate-dependencies.ts';

export interface SupervisorOptions {
  readonly parts: Parts;
  readonly model: ModelClient;
  readonly cache: OutcomeCache;
  readonly states: RunStates;
  /** Where agents run. */
  readonly place: AgentPlace;
  readonly clock: Clock;
  readonly witness: RunWitness;
  /** What one run may hold. */
  readonly runBytes: number;
  readonly agentTimeoutMs: number;
  readonly toolTimeoutMs: number;
  /** Absent: a tool that fails is called all the same. */
  readonly toolCircuits?: Circuits;
  readonly runTimeoutMs: number;
}

/** Throws CONFIGURATION_INVALID where anything that runs need is missing. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  validateDependencies(options);
  const tools = new Map(options.parts.tools.map((tool) => [tool.name, tool]));
  return {
    run: (context, means, signal) => new Run(options, tools, context, means).work(signal),
    missingParts: () => missingParts(options).map(({ what }) => what),
  };
}

/** Why what a run was given goes dead when it has ended. */
const runOver = new PipelineError('RUN_CANCELLED', { detail: 'the run has ended' });

const nothing = (): void => {};

/** Milliseconds that an agent's turn may take to end after the run was stopped. */
const graceMs = 250;

/** One run from its first agent to its last event. */
class Run {
  readonly #options: SupervisorOptions;
  readonly #context: UserExecutionContext;
  readonly #events: RunEvents;
  readonly #engine: Engine;
  readonly #state: RunState;
  readonly #place: RunPlace;
  readonly #controller = new AbortController();
  /** What is to be done before the run's means go dead. */
  #onStop = nothing;
  readonly #ledger: RunLedger;
  readonly #failures: AgentFailed[] = [];
  readonly #saves: Promise<void>[] = [];
  /** What the agent whose turn it is was given, by what lets go of it. */
  readonly #held: (() => void)[] = [];

  constructor(
    options: SupervisorOptions,
    tools: ReadonlyMap<string, Tool>,
    context: UserExecutionContext,
    means: RunMeans,
  ) {
    this.#options = options;
    this.#context = context;
    this.#events = createRunEvents(means);
    this.#state = options.states.open(context);
    this.#ledger = options.parts.createLedger({
      mostBytes: options.runBytes,
      exceeded: (error) => this.#stop(error),
    });
    this.#place = options.place.open();
    this.#engine = this.#createEngine(tools);
  }

  async work(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#stop(new PipelineError(codeOf(signal.reason, 'RUN_CANCELLED')));
    const cancelDeadline = this.#options.clock.after(this.#options.runTimeoutMs, () =>
      this.#stop(new PipelineError('RUN_TIMEOUT')),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await this.#end(await this.#outcomes());
    } finally {
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      this.#events.close();
      this.#stop(runOver);
      this.#place.close();
      await Promise.all(this.#saves);
    }
  }

  #stop(reason: PipelineError): void {
    if (this.#controller.signal.aborted) return;
    this.#onStop();
    this.#controller.abort(reason);
  }

  /** What the agents found, or the failure that stopped the run. */
  async #outcomes(): Promise<Outcomes | PipelineError> {
    const stopped = this.#controller.signal;
    try {
      if (stopped.aborted) throw stopped.reason;
      const outcomes = await runWorkflow({
        run: (place, results) => this.#turn(place, results),
        skip: (place, because) => this.#skip(place, because),
        isOver: () => stopped.aborted,
      });
      if (stopped.aborted) throw stopped.reason;
      return outcomes;
    } catch (thrown) {
      if (thrown instanceof PipelineError) return thrown;
      return new PipelineError('INTERNAL', { cause: thrown });
    }
  }

  async #end(outcomes: Outcomes | PipelineError): Promise<void> {
    // Without a log that can be written the run has no end that its user could rely on: the caller says so.
    const lost = this.#events.failure();
    if (lost !== undefined) throw lost;
    if (outcomes instanceof PipelineError) return this.#fail(outcomes.code, outcomes);
    const report = outcomes.get('reporting');
    if (report === undefined) return this.#fail('INTERNAL', new Error('the workflow ended without a report'));
    if (!report.ok) return this.#fail(report.code, undefined);
    await this.#events.emit('run_completed', 'supervisor', {
      status: this.#failures.length === 0 ? 'complete' : 'partial',
      report: report.data,
      account: report.account,
      missing: this.#failures,
      model: this.#options.model.name,
    });
  }

  /** Ends the run; `thrown` is what has not been logged yet. */
  async #fail(code: ErrorCode, thrown: unknown): Promise<void> {
    if (thrown !== undefined) this.#failed('supervisor', code, thrown);
    const { meaning, retry, remedy } = catalogue[code];
    await this.#events.emit('run_failed', 'supervisor', {
      code,
      message: meaning,
      retry,
      remedy,
      correlation_id: this.#context.correlationId,
      missing: this.#failures,
    });
  }

  async #turn(place: Place, results: Parameters<Engine['run']>[0]['results']): Promise<AgentOutcome> {
    const { agent, assignment } = place;
    const signal = this.#controller.signal;
    const turn = this.#engine.run({ agent, assignment, context: this.#context, results, signal });
    const outcome = await this.#withinGrace(turn);
    for (const letGo of this.#held.splice(0)) letGo();
    return this.#keep(outcome);
  }

  async #skip({ agent }: Place, because: AgentName): Promise<AgentOutcome> {
    void this.#events.emit('agent_started', agent, { status: 'started' }, 'with-next');
    const completed = { status: 'failed', code: 'INPUT_MISSING', because, execution_time_ms: 0 } as const;
    void this.#events.emit('agent_completed', agent, completed, 'with-next');
    this.#options.witness.agentMeasured(agent, 'INPUT_MISSING', 0);
    return this.#keep({ agent, ok: false, code: 'INPUT_MISSING', because });
  }

  #keep(outcome: AgentOutcome): AgentOutcome {
    this.#holdResult(outcome);
    if (!outcome.ok) this.#failures.push(outcome);
    else if (outcome.account.length > 0 && outcome.cached_from === undefined)
      this.#options.witness.altered(outcome.agent, outcome.account, outcome.agent);
    this.#saves.push(this.#save(outcome));
    return outcome;
  }

  /** The run goes on meanwhile: the next save writes everything again, and the answer does not depend on it. */
  async #save(outcome: AgentOutcome): Promise<void> {
    try {
      await this.#state.save(outcome);
    } catch (thrown) {
      this.#failed('state', 'STORE_UNAVAILABLE', thrown);
    }
  }

  /** Until the run is over: a later agent may be handed it. */
  #holdResult(outcome: AgentOutcome): void {
    if (!outcome.ok || this.#controller.signal.aborted) return;
    try {
      this.#ledger.hold(this.#options.parts.codec.textOf?.(outcome.data)?.length ?? 0);
    } catch {
      // The ledger has stopped the run.
    }
  }

  /** The turn's outcome; rejects where the run was stopped and the turn does not end. */
  #withinGrace(turn: Promise<AgentOutcome>): Promise<AgentOutcome> {
    const { signal } = this.#controller;
    return new Promise((resolve, reject) => {
      let cancelGrace = () => {};
      const onStop = () => {
        cancelGrace = this.#options.clock.after(graceMs, () => reject(signal.reason));
      };
      const settle = () => {
        cancelGrace();
        this.#onStop = nothing;
      };
      this.#onStop = onStop;
      if (signal.aborted) onStop();
      turn.then(
        (outcome) => {
          settle();
          resolve(outcome);
        },
        (thrown) => {
          settle();
          reject(thrown);
        },
      );
    });
  }

  #createEngine(tools: ReadonlyMap<string, Tool>): Engine {
    const { parts, model, cache, clock, witness, agentTimeoutMs, toolTimeoutMs, toolCircuits } =
      this.#options;
    const { userId, runId, correlationId } = this.#context;
    const shared = {
      model,
      codec: parts.codec,
      tools,
      clock,
      toolTimeoutMs,
      ...(toolCircuits === undefined ? {} : { toolCircuits }),
      events: this.#events,
      failed: (where: string, code: ErrorCode, thrown: unknown) => this.#failed(where, code, thrown),
      altered: witness.altered,
    };
    return parts.createEngine({
      clock,
      codec: parts.codec,
      registry: parts.createRegistry(parts.agents),
      place: this.#place,
      agentTimeoutMs,
      means: (agent, context, signal) =>
        heldMeans(agentMeans(shared, agent, context, signal), this.#ledger, parts.codec, this.#held),
      emit: this.#events.emit,
      cache,
      logFailure: (agent, code, thrown) => this.#failed(agent, code as ErrorCode, thrown),
      lived: (agent, stage) => witness.agentLived({ userId, runId, correlationId, agent, stage }),
      measure: (agent, outcome, ms) => witness.agentMeasured(agent, outcome, ms),
    });
  }

  #failed(where: string, code: ErrorCode, thrown: unknown): void {
    const { userId, runId, correlationId } = this.#context;
    const failure = { userId, runId, correlationId, where, code };
    try {
      this.#options.witness.failed({ ...failure, thrown });
    } catch {
      // Anything can be thrown, also what no log can read; that must not stop the run.
      const readable = new PipelineError(code, { detail: 'what was thrown cannot be read' });
      this.#options.witness.failed({ ...failure, thrown: readable });
    }
  }
}
