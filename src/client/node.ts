import type { Client } from './client.ts';
import { type ConnectOptions, connect as connectAnywhere } from './index.ts';
import { wsTransport } from './ws-transport.ts';

export * from './index.ts';

/** As everywhere; where nothing else is passed, over the package `ws`, which also tells why it was refused. */
export function connect(options: ConnectOptions): Promise<Client> {
  return connectAnywhere(
    options.WebSocket === undefined && options.transport === undefined
      ? { ...options, transport: wsTransport() }
      : options,
  );
}
