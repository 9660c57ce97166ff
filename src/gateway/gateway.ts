import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PipelineConfig } from '../config.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Store } from '../delivery/store.ts';
import { type Lack, lackInWords } from '../dependencies/dependency.ts';
import { codeOf, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { closeCodes, subprotocol } from '../messages.ts';
import type { Metrics } from '../metrics.ts';
import type { Cancel, Clock, Ids } from '../ports.ts';
import { refusalOf } from '../refusal.ts';
import { type Authenticator, type Identity, offersOurProtocol } from './authenticate.ts';
import { Connection } from './connection.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { Handshake } from './handshake.ts';
import type { Health } from './health.ts';
import { type HttpRunOptions, runOfPath, serveConfirmation, serveEvents, serveRun } from './http-runs.ts';
import { NamedCloseWebSocket } from './named-close.ts';
import { originAllowed } from './origin.ts';
import { refuseRequest, refuseUpgrade } from './refuse.ts';
import type { Runs } from './runs.ts';
import { createStreams } from './streams.ts';

export interface GatewayOptions {
  readonly parts: GatewayParts;
  readonly config: PipelineConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly authenticator: Authenticator;
  readonly store: Store;
  readonly delivery: Delivery;
  readonly runs: Runs;
  readonly health: Health;
  /** What a degraded pipeline lacks: with anything in it, every request is refused. */
  readonly lacks: readonly Lack[];
}

/** The pipeline's front: `/ws`, `/runs` and what is below it, `/health`, `/ready`, `/metrics`. */
export interface Gateway {
  readonly server: Server;
  /** Nobody new comes in. */
  refuseNew(): void;
  /** Says goodbye to every client (1012) and ends what does not go by itself. */
  close(): Promise<void>;
}

/** How long a client may take to answer the goodbye. */
const goodbyeMs = 500;

/** After a dependency did not answer; longer than the answer is taken for granted. */
const askAgainMs = 600;

export function createGateway(options: GatewayOptions): Gateway {
  const { clock, config, ids, lacks, log, metrics, parts } = options;
  const session = parts.createSession(options.runs, options.delivery, clock);
  const sockets = new Map<Duplex, Cancel>();
  const connections = new Map<string, Set<Connection>>();
  const streams = createStreams({
    clock,
    recheck: options.authenticator.recheck,
    everyMs: config.timeouts.heartbeatMs,
  });
  const handshakes = new WeakMap<Duplex, Handshake<string | null>>();
  let closing = false;
  let whenEmpty = (): void => {};

  const webSockets = new WebSocketServer({
    noServer: true,
    WebSocket: NamedCloseWebSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: config.limits.messageBytes,
    maxFragments: config.limits.messageFragments,
    // The default echoes the first name offered, which may be the token.
    handleProtocols: () => subprotocol,
  });
  // What it takes exception to in the headers, beyond what was looked at before.
  webSockets.on('wsClientError', (_error, socket) => {
    turnAway(socket, new PipelineError('MESSAGE_MALFORMED', { detail: 'upgrade headers' }));
  });

  const server = createServer((request, response) => {
    response.sendDate = false;
    response.shouldKeepAlive = false;
    serve(request, response).catch((thrown: unknown) => {
      refuse(thrown, (refused) => refuseRequest(response, refused));
    });
  });

  server.on('connection', (socket: Duplex) => {
    setDeadline(socket, config.timeouts.handshakeMs);
    // From here to its end some listener has to take a reset, or it would end the process.
    socket.on('error', (error) => log.debug({ err: error }, 'socket error'));
    socket.once('close', () => {
      sockets.get(socket)?.();
      sockets.delete(socket);
    });
  });

  /** A connection lives so long, until it is a WebSocket or its run has begun. */
  function setDeadline(socket: Duplex, ms: number): void {
    sockets.get(socket)?.();
    sockets.set(
      socket,
      clock.after(ms, () => socket.destroy()),
    );
  }

  server.on('clientError', (_error, socket: Duplex) => {
    const thrown = new PipelineError('MESSAGE_MALFORMED', { detail: 'not HTTP' });
    refuse(thrown, (refused) => refuseUpgrade(socket, refused));
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Authentication has the same time once more, and a moment to say that it was not enough.
    setDeadline(socket, config.timeouts.handshakeMs + goodbyeMs);
    const { earlyMessages, earlyBytes } = config.limits;
    const handshake = parts.createHandshake({ messages: earlyMessages, bytes: earlyBytes });
    handshakes.set(socket, handshake);
    admit(request, socket, head, handshake).catch((thrown: unknown) => turnAway(socket, thrown));
  });

  /** Everything that decides about a client is decided before the 101. */
  async function admit(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    handshake: Handshake<string | null>,
  ): Promise<void> {
    if (pathOf(request) !== '/ws') throw new PipelineError('PATH_UNKNOWN');
    if (!asksForWebSocket(request)) throw new PipelineError('UPGRADE_REQUIRED');
    checkRoom();
    checkOrigin(request);
    if (!offersOurProtocol(request.headers)) throw new PipelineError('SUBPROTOCOL_REFUSED');
    handshake.enter('front_passed');
    const identity = await identify(request);
    if (closing) throw new PipelineError('SERVICE_NOT_READY', { detail: 'shutting down' });
    checkRoomOf(identity.userId);
    // Who left meanwhile has had no 101, and knows that nothing was begun.
    if (socket.destroyed || !socket.readable || !socket.writable) {
      handshake.enter('gone');
      socket.destroy();
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.get(socket)?.();
      handshake.enter('token_passed');
      open(webSocket, socket, identity, handshake);
    });
  }

  /** An answer in place of the 101. */
  function turnAway(socket: Duplex, thrown: unknown): void {
    const code = handshakes.get(socket)?.refuse(codeOf(thrown)) ?? codeOf(thrown);
    const told = code === codeOf(thrown) ? thrown : new PipelineError(code, { cause: thrown });
    refuse(told, (refused) => refuseUpgrade(socket, refused));
  }

  function checkRoom(): void {
    if (closing) throw new PipelineError('SERVICE_NOT_READY', { detail: 'shutting down' });
    if (lacks.length > 0)
      throw new PipelineError('SERVICE_NOT_READY', { detail: lacks.map(lackInWords).join('; ') });
    if (sockets.size > config.limits.connections) throw new PipelineError('CONNECTION_LIMIT');
  }

  function checkRoomOf(userId: string): void {
    const open = (connections.get(userId)?.size ?? 0) + streams.countOf(userId);
    if (open >= config.limits.connectionsPerUser)
      throw new PipelineError('CONNECTION_LIMIT', { detail: 'connections of one user' });
  }

  function checkOrigin(request: IncomingMessage): void {
    const { origin } = request.headers;
    if (originAllowed(origin, config.origins)) return;
    const detail = 'none was sent; ALLOW_MISSING_ORIGIN=true lets such clients in';
    throw new PipelineError('ORIGIN_REFUSED', origin === undefined ? { detail } : {});
  }

  async function identify(request: IncomingMessage): Promise<Identity> {
    let cancel = (): void => {};
    const tooLong = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(config.timeouts.handshakeMs, () =>
        reject(new PipelineError('SERVICE_NOT_READY', { detail: 'authentication took too long' })),
      );
    });
    try {
      return await Promise.race([options.authenticator.identify(request.headers), tooLong]);
    } finally {
      cancel();
    }
  }

  function open(
    socket: WebSocket,
    stream: Duplex,
    identity: Identity,
    handshake: Handshake<string | null>,
  ): void {
    const connection = new Connection({
      ...options,
      socket,
      stream,
      identity,
      handshake,
      session,
      servicesReady: () => servicesReady(() => handshake.state === 'authenticated'),
      recheck: options.authenticator.recheck,
      onReady: (ready) => void options.delivery.greet(ready),
      onClose,
    });
    const ofUser = connections.get(identity.userId) ?? new Set<Connection>();
    connections.set(identity.userId, ofUser.add(connection));
    metrics.connectionsOpen(countConnections());
    log.info({ connection: connection.id, user: identity.userId }, 'connection opened');
    void connection.open();
  }

  /** Whether everything answers that connections need, within the time of a handshake and while somebody waits. */
  async function servicesReady(isWaiting: () => boolean): Promise<boolean> {
    const until = clock.now() + config.timeouts.handshakeMs;
    while (isWaiting()) {
      if (!(await options.store.whenReady(until - clock.now()))) return false;
      if (await options.health.servesConnections()) return true;
      if (clock.now() + askAgainMs >= until) return false;
      await new Promise<void>((resolve) => clock.after(askAgainMs, resolve));
    }
    return false;
  }

  function onClose(connection: Connection): void {
    options.delivery.detach(connection);
    const ofUser = connections.get(connection.userId);
    ofUser?.delete(connection);
    if (ofUser?.size === 0) connections.delete(connection.userId);
    metrics.connectionsOpen(countConnections());
    log.info({ connection: connection.id, user: connection.userId }, 'connection closed');
    if (connections.size === 0) whenEmpty();
  }

  function countConnections(): number {
    let count = 0;
    for (const ofUser of connections.values()) count += ofUser.size;
    return count;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const run = runOfPath(pathOf(request));
    const route = `${request.method} ${run === null ? pathOf(request) : `/runs/…/${run.what}`}`;
    switch (route) {
      case 'GET /health':
        answer(response, 200, { status: 'ok' });
        return;
      case 'GET /ready': {
        const { ready, missing } = await options.health.readiness();
        answer(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', missing });
        return;
      }
      case 'GET /metrics': {
        await options.health.readiness();
        const text = await metrics.registry.metrics();
        response.writeHead(200, { 'Content-Type': metrics.registry.contentType });
        response.end(text);
        return;
      }
      case 'GET /ws':
        throw new PipelineError('UPGRADE_REQUIRED');
      case 'POST /runs':
        await serveRun(request, response, await admitToRuns(request));
        return;
      case 'GET /runs/…/events':
        await serveEvents(request, response, { ...(await admitToRuns(request)), runId: run?.runId ?? '' });
        return;
      case 'POST /runs/…/confirmation':
        await serveConfirmation(request, response, {
          ...(await admitToRuns(request)),
          runId: run?.runId ?? '',
        });
        return;
      default:
        throw new PipelineError('PATH_UNKNOWN');
    }
  }

  async function admitToRuns(request: IncomingMessage): Promise<HttpRunOptions> {
    checkRoom();
    checkOrigin(request);
    const identity = await identify(request);
    const { userId, scopes } = identity;
    return {
      ...options,
      userId,
      openStream(end) {
        checkRoomOf(userId);
        return streams.add(identity, (thrown) => {
          const correlationId = ids.next('corr');
          log.info({ code: codeOf(thrown), correlation_id: correlationId, user: userId }, 'stream ended');
          end(refusalOf(thrown, correlationId));
        });
      },
      ...(scopes === undefined ? {} : { scopes }),
      limits: config.limits,
      onBody: () => sockets.get(request.socket)?.(),
    };
  }

  function refuse(thrown: unknown, tell: (refused: ReturnType<typeof refusalOf>) => void): void {
    const code = codeOf(thrown);
    const correlationId = ids.next('corr');
    metrics.upgradeRefused(code);
    log.warn({ code, correlation_id: correlationId, err: thrown }, 'request refused');
    tell(refusalOf(thrown, correlationId));
  }

  return {
    server,
    refuseNew() {
      closing = true;
    },
    async close() {
      closing = true;
      if (connections.size > 0) {
        let cancel = (): void => {};
        const gone = new Promise<void>((resolve) => {
          whenEmpty = resolve;
          cancel = clock.after(goodbyeMs, resolve);
        });
        for (const ofUser of connections.values())
          for (const connection of ofUser) connection.close('SERVICE_NOT_READY', closeCodes.restart);
        await gone;
        cancel();
      }
      for (const ofUser of [...connections.values()]) for (const connection of ofUser) connection.terminate();
      for (const [socket, late] of sockets) {
        late();
        socket.destroy();
      }
      webSockets.close();
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** RFC 6455 §4.2.1. */
function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13'
  );
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
