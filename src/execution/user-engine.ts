import { hash } from 'node:crypto';
import type { AgentInput, AgentMeans, AgentName, AgentOutcome } from '../agents/agent.ts';
import { accountText, dataText } from '../agents/outcome-text.ts';
import type { Encoded } from '../codec/codec.ts';
import { judgeContract, pathText } from '../contracts/contracts.ts';
import { codeOf, type ErrorCode, PipelineError } from '../errors.ts';
import type { RunEventPayloads } from '../messages.ts';
import type { Engine, Step } from './engine.ts';
import type { EngineMeans } from './engine-means.ts';
import { encodeResult } from './places/place.ts';

/** Runs the agents of one run, each in an instance of its own that is disposed of whatever happens. */
export function createEngine(means: EngineMeans): Engine {
  const fingerprints = new WeakMap<AgentOutcome, string>();
  return { run: (step) => takeTurn(means, step, fingerprints) };
}

async function takeTurn(
  means: EngineMeans,
  step: Step,
  fingerprints: WeakMap<AgentOutcome, string>,
): Promise<AgentOutcome> {
  const { agent, context } = step;
  const startedAt = means.clock.now();
  const started = means.emit('agent_started', agent, { status: 'started' });
  const sameInput = inputForCache(means, step, fingerprints);
  const cached = await means.cache.get(agent, context, sameInput);
  // No agent works before its start is durable.
  await started;
  const turn = cached === null ? await compute(means, step) : { outcome: cached, isSound: false };
  const { outcome } = turn;

  const ms = means.clock.now() - startedAt;
  means.measure(agent, outcomeWord(outcome), ms);
  // The next agent starts at once, or the run ends: both are told together. A cache that fails fails nobody.
  void means.emit('agent_completed', agent, completedPayload(outcome, ms), 'with-next');
  if (turn.isSound)
    means.cache
      .set(agent, context, sameInput, outcome)
      .catch((thrown: unknown) => means.logFailure(agent, 'STORE_UNAVAILABLE', thrown));
  return outcome;
}

/** Why what a turn was given goes dead when the turn has ended well. */
const turnOver = new PipelineError('RUN_CANCELLED', { detail: 'the turn is over' });

interface Turn {
  readonly outcome: AgentOutcome;
  /** Whether it may serve later runs: it succeeded, and so did every tool call. */
  readonly isSound: boolean;
}

/** Runs a fresh instance until it ends, its time is up or the run is aborted, whichever comes first. */
function compute(means: EngineMeans, step: Step): Promise<Turn> {
  const { agent, context, signal } = step;
  return new Promise((resolve) => {
    const controller = new AbortController();
    let isOver = false;
    let toolFailed = false;

    function end(outcome: AgentOutcome, reason: PipelineError): void {
      if (isOver) return;
      isOver = true;
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      // What the agent was given goes dead with its turn; a tool call that is still open ends here and is shown.
      controller.abort(reason);
      resolve({ outcome, isSound: outcome.ok && !toolFailed });
    }

    function fail(code: ErrorCode, thrown: unknown): void {
      if (isOver) return;
      means.logFailure(agent, code, thrown);
      end({ agent, ok: false, code }, new PipelineError(code));
    }

    function onAbort(): void {
      fail(codeOf(signal.reason, 'RUN_CANCELLED'), signal.reason);
    }

    const cancelTimer = means.clock.after(means.agentTimeoutMs, () =>
      fail('AGENT_TIMEOUT', new PipelineError('AGENT_TIMEOUT', { detail: agent })),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();

    const given = watched(means.means(agent, context, controller.signal), () => {
      toolFailed = true;
    });
    runAgent(means, step, given, controller.signal).then(
      (outcome) => end(outcome, turnOver),
      (thrown) => fail(codeOf(thrown, 'AGENT_FAILED'), thrown),
    );
  });
}

async function runAgent(
  means: EngineMeans,
  step: Step,
  given: AgentMeans,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const { agent } = step;
  means.lived(agent, 'started');
  try {
    const encoded = await means.place.run({
      agent,
      input: inputOf(step),
      means: given,
      signal,
      fresh: () => means.registry.fresh(agent),
      encode: (result) => encodeResult(means.codec, agent, result),
      lived: (stage) => means.lived(agent, stage),
      disposeFailed: (thrown) => means.logFailure(agent, 'INTERNAL', thrown),
    });
    return outcomeOf(means, agent, encoded);
  } finally {
    means.lived(agent, 'ended');
  }
}

/** The result, as it was encoded in the place where it ran, held against its contract. */
function outcomeOf(means: EngineMeans, agent: AgentName, { text, account }: Encoded): AgentOutcome {
  const data = means.codec.decode(text);
  const off = judgeContract(agent, data, account);
  if (off.length > 0) {
    const places = off.slice(0, placesMax).map(pathText).join(', ');
    throw new PipelineError('RESULT_OFF_CONTRACT', { detail: `${agent} at ${places}` });
  }
  return { agent, ok: true, data, account };
}

const placesMax = 20;

function watched(given: AgentMeans, toolFailed: () => void): AgentMeans {
  return {
    model: given.model,
    emit: given.emit,
    tools: {
      async call(name, args, callId) {
        const outcome = await given.tools.call(name, args, callId);
        if (!outcome.ok) toolFailed();
        return outcome;
      },
    },
  };
}

function inputOf({ assignment, context, results }: Step): AgentInput {
  return {
    user_id: context.userId,
    thread_id: context.threadId,
    run_id: context.runId,
    request: context.request,
    assignment,
    results,
  };
}

/** What decides an agent's result, and nothing that differs between equal runs. */
function inputForCache(
  { codec }: EngineMeans,
  { assignment, context, results }: Step,
  fingerprints: WeakMap<AgentOutcome, string>,
): unknown {
  const essence: { [agent: string]: string } = {};
  for (const [agent, outcome] of Object.entries(results)) {
    let fingerprint = fingerprints.get(outcome);
    if (fingerprint === undefined) {
      // One outcome is handed to several agents.
      fingerprint = fingerprintOf(codec, outcome);
      fingerprints.set(outcome, fingerprint);
    }
    essence[agent] = fingerprint;
  }
  return { request: context.request, assignment, results: essence };
}

/** The same for outcomes that say the same, whichever run they come from. */
function fingerprintOf(codec: EngineMeans['codec'], outcome: AgentOutcome): string {
  const text = outcome.ok
    ? dataText(codec, outcome.data) + accountText(codec, outcome.account)
    : codec.encode({ code: outcome.code, because: outcome.because ?? null }).text;
  return hash('sha256', text);
}

function outcomeWord(outcome: AgentOutcome): string {
  if (!outcome.ok) return outcome.code;
  return outcome.cached_from === undefined ? 'completed' : 'cached';
}

function completedPayload(outcome: AgentOutcome, ms: number): RunEventPayloads['agent_completed'] {
  if (!outcome.ok) {
    const { code, because } = outcome;
    return { status: 'failed', code, ...(because === undefined ? {} : { because }), execution_time_ms: ms };
  }
  const { data, account, cached_from } = outcome;
  return {
    status: 'completed',
    result: data,
    account,
    ...(cached_from === undefined ? {} : { cached_from }),
    execution_time_ms: ms,
  };
}
