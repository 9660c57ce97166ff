import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PipelineError } from '../errors.ts';
import type { Listener } from '../ports.ts';

/** A TCP port; 0 takes a free one. Rejects with CONFIGURATION_INVALID where the port cannot be had. */
export function tcpListener(host: string, port: number): Listener {
  return {
    async listen(server) {
      // Bounds of the HTTP parser, beside the deadlines that the gateway keeps itself.
      server.headersTimeout = 10_000;
      server.requestTimeout = 30_000;
      server.keepAliveTimeout = 1_000;
      server.maxHeadersCount = 100;
      await listening(server, host, port);
      const { port: actual } = server.address() as AddressInfo;
      return {
        url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      };
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void =>
      reject(
        new PipelineError('CONFIGURATION_INVALID', { detail: `HOST, PORT: ${troubles(cause.code)}`, cause }),
      );
    server.once('error', onError);
    server.listen(port, host, () => {
      server.removeListener('error', onError);
      resolve();
    });
  });
}

function troubles(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'the port is taken; choose another or stop who has it';
  if (code === 'EACCES') return 'no permission for the port; choose one above 1023';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address';
  return `cannot listen (${code ?? 'unknown'})`;
}
