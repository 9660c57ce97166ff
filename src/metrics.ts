import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type AgentName, agentNames } from './agents/agent.ts';
import type { Alteration } from './codec/codec.ts';
import { type AuditedEvent, auditedEvents } from './context/audit-trail.ts';
import type { ErrorCode } from './errors.ts';
import type { RunEventType } from './messages.ts';
import { createPlainTally, createTally } from './tally.ts';

/** What `/metrics` shows of one pipeline instance. Labels hold fixed words and error codes, never ids. */
export interface Metrics {
  readonly registry: Registry;
  runAccepted(): void;
  contextAudited(what: AuditedEvent): void;
  /** `outcome`: `complete`, `partial`, or the error code. */
  runEnded(outcome: string, ms: number): void;
  eventAppended(type: RunEventType): void;
  eventsSent(count: number): void;
  eventsSentAgain(count: number): void;
  eventsConfirmed(count: number): void;
  eventsUnconfirmed(count: number): void;
  eventsLost(count: number): void;
  /** `outcome`: `completed`, `cached`, or the error code. */
  agentMeasured(agent: AgentName, outcome: string, ms: number): void;
  cacheMeasured(agent: AgentName, result: string): void;
  /** `agent`: who returned the value, or called the tool that did. */
  altered(agent: AgentName, kind: Alteration['kind']): void;
  connectionsOpen(count: number): void;
  upgradeRefused(code: ErrorCode): void;
  messageRefused(code: ErrorCode): void;
  /** A peer that stopped answering or reading was let go. */
  peerLost(why: 'silent' | 'slow'): void;
  storeFailed(what: string): void;
  /** What share of its memory the process has, asked at each look. */
  watchMemory(share: () => number): void;
  /** Which dependencies are there, by name. */
  ready(dependencies: Readonly<Record<string, boolean>>): void;
  /** Whether the circuit to a dependency is open for everybody, and for how many users alone. */
  circuit(dependency: string, isOpen: boolean, usersOpen: number): void;
  /** `refused`: the run was not begun for it. */
  prerequisiteFailed(name: string, refused: boolean): void;
}

export function createMetrics(runsLive: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: `faultline_${name}`, help, labelNames, registers });
  /** The same, for what is counted often. */
  const tally = (name: string, help: string, label: string): ReturnType<typeof createTally> =>
    createTally({ name: `faultline_${name}`, help, label, registers });

  const accepted = counter('runs_accepted_total', 'Runs accepted.');
  const contexts = tally('contexts_total', 'Execution contexts, by what became of them.', 'what');
  const runs = tally('runs_total', 'Runs ended, by outcome.', 'outcome');
  const runSeconds = new Histogram({
    name: 'faultline_run_duration_seconds',
    help: 'Time from acceptance to the last event.',
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers,
  });
  const appended = tally('events_appended_total', 'Events made durable, by type.', 'type');
  const sent = createPlainTally({
    name: 'faultline_events_sent_total',
    help: 'Events sent to connections.',
    registers,
  });
  const sentAgain = counter(
    'events_sent_again_total',
    'Events sent again because their confirmation did not come.',
  );
  const unconfirmed = counter('events_unconfirmed_total', 'Events sent in vain: nobody confirmed them.');
  const confirmed = counter('events_confirmed_total', 'Events confirmed by clients.');
  const lost = counter('events_lost_total', 'Events that a client asked for and that were gone.');
  const agentSeconds = new Histogram({
    name: 'faultline_agent_duration_seconds',
    help: 'Time of one agent, by outcome.',
    labelNames: ['agent', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 25],
    registers,
  });
  const cache = counter('cache_total', 'Cache look-ups and writes, by result.', 'agent', 'result');
  const alterations = counter(
    'serialisation_alterations_total',
    'Values in results that encoding removed or changed, by agent and kind.',
    'agent',
    'kind',
  );
  const offContract = counter(
    'serialisation_refusals_total',
    'Results refused because they were off their contract.',
    'agent',
  );
  const connections = new Gauge({
    name: 'faultline_connections_open',
    help: 'WebSocket connections open.',
    registers,
  });
  new Gauge({
    name: 'faultline_runs_live',
    help: 'Runs being worked on.',
    registers,
    collect() {
      this.set(runsLive());
    },
  });
  const upgrades = counter('upgrades_refused_total', 'Upgrades and requests refused, by code.', 'code');
  const refused = counter('messages_refused_total', 'Messages answered with an error, by code.', 'code');
  const peers = counter('peers_lost_total', 'Connections let go because the peer was silent or slow.', 'why');
  const readiness = new Gauge({
    name: 'faultline_ready',
    help: 'Whether a dependency is there (1) or missing (0).',
    labelNames: ['dependency'],
    registers,
  });
  let shareOfMemory = (): number => 0;
  new Gauge({
    name: 'faultline_memory_share',
    help: 'Memory of the process, as a share of what it may have: above 1 no new run is taken on.',
    registers,
    collect() {
      this.set(shareOfMemory());
    },
  });
  const circuits = new Gauge({
    name: 'faultline_circuit_open',
    help: 'Whether the circuit to a dependency is open (1) for everybody.',
    labelNames: ['dependency'],
    registers,
  });
  const circuitUsers = new Gauge({
    name: 'faultline_circuit_open_users',
    help: 'Users for whom alone the circuit to a dependency is open.',
    labelNames: ['dependency'],
    registers,
  });
  const prerequisites = counter(
    'prerequisites_failed_total',
    'Prerequisites of runs that were not met, or not known in time, and whether the run was refused.',
    'name',
    'refused',
  );
  const store = counter('redis_errors_total', 'Redis commands and connections that failed.', 'what');

  // A series that begins at 1 has no increase: what alerts look at begins at 0.
  for (const agent of agentNames) {
    for (const kind of ['lost', 'changed', 'refused', 'cut'] as const) alterations.inc({ agent, kind }, 0);
    offContract.inc({ agent }, 0);
    cache.inc({ agent, result: 'refused' }, 0);
  }
  for (const name of ['permissions', 'registry', 'stores', 'model'])
    prerequisites.inc({ name, refused: 'true' }, 0);
  for (const what of auditedEvents) contexts(what, 0);
  for (const what of [
    ...['connection', 'append', 'end', 'mark', 'confirm', 'unconfirmed', 'lease', 'read', 'slot'],
  ])
    store.inc({ what }, 0);

  return {
    registry,
    runAccepted: () => accepted.inc(),
    contextAudited: (what) => contexts(what),
    runEnded: (outcome, ms) => {
      runs(outcome);
      runSeconds.observe(ms / 1000);
    },
    eventAppended: (type) => appended(type),
    eventsSent: (count) => sent(count),
    eventsSentAgain: (count) => sentAgain.inc(count),
    eventsConfirmed: (count) => confirmed.inc(count),
    eventsUnconfirmed: (count) => unconfirmed.inc(count),
    eventsLost: (count) => lost.inc(count),
    agentMeasured: (agent, outcome, ms) => {
      agentSeconds.observe({ agent, outcome }, ms / 1000);
      if (outcome === 'RESULT_OFF_CONTRACT') offContract.inc({ agent });
    },
    cacheMeasured: (agent, result) => cache.inc({ agent, result }),
    altered: (agent, kind) => alterations.inc({ agent, kind }),
    connectionsOpen: (count) => connections.set(count),
    upgradeRefused: (code) => upgrades.inc({ code }),
    messageRefused: (code) => refused.inc({ code }),
    peerLost: (why) => peers.inc({ why }),
    watchMemory: (share) => {
      shareOfMemory = share;
    },
    storeFailed: (what) => store.inc({ what }),
    ready: (dependencies) => {
      for (const [dependency, there] of Object.entries(dependencies))
        readiness.set({ dependency }, there ? 1 : 0);
    },
    circuit: (dependency, isOpen, usersOpen) => {
      circuits.set({ dependency }, isOpen ? 1 : 0);
      circuitUsers.set({ dependency }, usersOpen);
    },
    prerequisiteFailed: (name, refused) => prerequisites.inc({ name, refused: String(refused) }),
  };
}
