import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelSink, ScriptedModel } from './model-call.ts';

export interface FakeModelServer {
  /** The base to give as the model's URL, e.g. `http://127.0.0.1:41234/v1`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The scripted model over HTTP on loopback, with real resets and bodies that break off. `model` names the
 * model of the play that is on; without one every call is answered with 503.
 */
export async function startFakeModelServer(model: () => ScriptedModel | undefined): Promise<FakeModelServer> {
  const server = createServer((request, response) => {
    // A caller that goes away is told by `close`; what else can go wrong with its socket changes nothing.
    request.on('error', () => {});
    response.on('error', () => {});
    readBody(request, (body) => {
      const playing = model();
      if (body === null) respond(response, 413);
      else if (playing === undefined) respond(response, 503);
      else {
        const abandon = playing.call(
          { path: request.url ?? '/', caller: headerOf(request, 'x-client-request-id'), body },
          sinkTo(response),
        );
        response.on('close', () => {
          if (!response.writableFinished) abandon();
        });
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, close: () => close(server) };
}

const bodyBytesMax = 4 * 1024 * 1024;

function sinkTo(response: ServerResponse): ModelSink {
  let unwritten = 0;
  let broken = false;
  const resetOnceWritten = (): void => {
    // What was sent before the break is to leave first: the reset would overtake it.
    if (broken && unwritten === 0) response.socket?.resetAndDestroy();
  };
  return {
    status: (code, headers) => {
      response.writeHead(code, headers);
      response.flushHeaders();
    },
    chunk: (bytes) => {
      unwritten += 1;
      response.write(bytes, () => {
        unwritten -= 1;
        resetOnceWritten();
      });
    },
    end: () => {
      response.end();
    },
    break: () => {
      broken = true;
      resetOnceWritten();
    },
  };
}

/** The whole body as text; null as soon as it is larger than the limit. */
function readBody(request: IncomingMessage, then: (body: string | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) {
      chunks.push(chunk);
    } else {
      request.pause().removeAllListeners('data');
      then(null);
    }
  });
  request.on('end', () => {
    if (bytes <= bodyBytesMax) then(Buffer.concat(chunks).toString('utf8'));
  });
}

function respond(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error: { code: String(status) } }));
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
