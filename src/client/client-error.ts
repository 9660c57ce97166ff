import { type CatalogueRow, catalogue, type ErrorCode } from '../errors.ts';

/** What only a client can know; every other code is the server's own. */
export const clientCatalogue = {
  CONNECTION_FAILED: {
    meaning: 'The server could not be reached, or no connection to it lasted.',
    retry: 'later',
    remedy: 'Check the address and the network; `attempts` says how often the client tries.',
  },
  CONNECTION_REFUSED: {
    meaning: 'The server closed the connection in a way that forbids trying again.',
    retry: 'no',
    remedy: 'The close code and reason say why.',
  },
  TOKEN_UNAVAILABLE: {
    meaning: 'No token could be had for a connection.',
    retry: 'later',
    remedy: 'See the cause, which is what `token` threw; `attempts` says how often the client asks.',
  },
  CLIENT_CLOSED: {
    meaning: 'The client was closed.',
    retry: 'no',
    remedy: 'Connect again, and resume the run.',
  },
  RUN_LEFT: {
    meaning: 'The application stopped reading the run before its end.',
    retry: 'no',
    remedy: 'Resume the run.',
  },
} as const satisfies Record<string, CatalogueRow>;

export type ClientErrorCode = ErrorCode | keyof typeof clientCatalogue;

/** More about a failure, where it is known. */
export interface ClientErrorDetails {
  /** The server's words for this case, in place of the catalogue's. */
  readonly message?: string;
  readonly retry?: string;
  readonly remedy?: string;
  /** The run that the server says has failed, or was not taken. */
  readonly runId?: string;
  /** Under this the server's log holds the details. */
  readonly correlationId?: string;
  /** How the last connection ended. */
  readonly close?: { readonly code: number; readonly reason: string };
  /** The HTTP status in place of an upgrade. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** A failure with a code of the catalogue, whether trying again can help (`retry`), and what to do (`remedy`). */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  readonly retry: string;
  readonly remedy: string;
  readonly runId: string | undefined;
  readonly correlationId: string | undefined;
  readonly close: ClientErrorDetails['close'];
  readonly status: number | undefined;

  constructor(code: ClientErrorCode, details: ClientErrorDetails = {}) {
    const row = knownRow(code) ?? catalogue.INTERNAL;
    super(`${code}: ${details.message ?? row.meaning}`, { cause: details.cause });
    this.name = 'ClientError';
    this.code = code;
    this.retry = details.retry ?? row.retry;
    this.remedy = details.remedy ?? row.remedy;
    this.runId = details.runId;
    this.correlationId = details.correlationId;
    this.close = details.close;
    this.status = details.status;
  }
}

/** A refusal of the server about a run: an `error` notice, or the payload of `run_failed`. */
export function errorFromServer(told: { readonly [field: string]: unknown }, runId: string): ClientError {
  const words = (field: string): string | undefined => {
    const value = told[field];
    return typeof value === 'string' ? value : undefined;
  };
  const message = words('message');
  const retry = words('retry');
  const remedy = words('remedy');
  const correlationId = words('correlation_id');
  return new ClientError((words('code') ?? 'INTERNAL') as ClientErrorCode, {
    runId,
    ...(message === undefined ? {} : { message }),
    ...(retry === undefined ? {} : { retry }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(correlationId === undefined ? {} : { correlationId }),
  });
}

/** The catalogue's row; undefined for a code that a server made up. */
export function knownRow(code: string): CatalogueRow | undefined {
  if (Object.hasOwn(catalogue, code)) return catalogue[code as ErrorCode];
  return Object.hasOwn(clientCatalogue, code)
    ? clientCatalogue[code as keyof typeof clientCatalogue]
    : undefined;
}
