import { type ContextManager, type ContextMeans, createContextManager } from '../context/context-manager.ts';
import { createDelivery, type Delivery, type DeliveryMeans } from '../delivery/delivery.ts';
import type { Clock } from '../ports.ts';
import { createHandshake, type EarlyBounds, type Handshake } from './handshake.ts';
import { createHeartbeat, type Heartbeat, type HeartbeatMeans } from './heartbeat.ts';
import { createMemoryGuard, type MemoryGuard, type MemoryGuardMeans } from './memory-guard.ts';
import { type Opening, openInOrder } from './opening.ts';
import { createPulses, type Pulses, type PulsesMeans } from './pulses.ts';
import type { Runs } from './runs.ts';
import { createSession, type Session } from './session.ts';

/** What the gateway is put together from. */
export interface GatewayParts {
  /** Keeps the order of one connection's life. `null` stands for a binary frame. */
  readonly createHandshake: (bounds: EarlyBounds) => Handshake<string | null>;
  readonly open: Opening;
  /** Does what clients ask. Called once, at the start. */
  readonly createSession: (runs: Runs, delivery: Delivery, clock: Clock) => Session;
  /** Watches the peer of one connection that is ready. */
  readonly createHeartbeat: (means: HeartbeatMeans) => Heartbeat;
  /** Watches the agents of one run. */
  readonly createPulses: (means: PulsesMeans) => Pulses;
  /** Asked before a run is taken on. Called once, at the start. */
  readonly createMemoryGuard: (means: MemoryGuardMeans) => MemoryGuard;
  /** Brings events to their users. Called once, at the start. */
  readonly createDelivery: (means: DeliveryMeans) => Delivery;
  /** Makes and keeps the contexts of runs. Called once, at the start. */
  readonly createContextManager: (means: ContextMeans) => ContextManager;
}

/** The ones that run in production. */
export const healthyGateway: GatewayParts = {
  createHandshake,
  open: openInOrder,
  createSession,
  createHeartbeat,
  createPulses,
  createDelivery,
  createContextManager,
  createMemoryGuard,
};
