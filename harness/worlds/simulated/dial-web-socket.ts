import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { subprotocol } from '../../../src/messages.ts';
import { tokenFor } from '../../reference/config.ts';
import { onStage } from './globals/stage.ts';

/** A real WebSocket client over a stream in memory, with a token of this user. */
export function dialWebSocket(user: string, connect: () => Duplex, nowMs: number): WebSocket {
  return new WebSocket('ws://pipeline.simulated/ws', [subprotocol, `jwt.${tokenFor(user, nowMs)}`], {
    // ws takes any Duplex; its types know sockets only.
    createConnection: connect as never,
    perMessageDeflate: false,
    // The library's own masks come from a pool that outlives a play.
    generateMask: (mask) => onStage.play?.bytes.fill(mask),
  });
}
