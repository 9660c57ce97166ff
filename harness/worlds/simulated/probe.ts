import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EventDraft, Json } from '../../history.ts';

export interface ProbeReply {
  /** 0 where nobody answered. */
  readonly status: number;
  readonly body: string;
}

/** Asks the pipeline over HTTP, as a health check or a scraper would. Never rejects. */
export function probe(dial: () => Duplex, path: string): Promise<ProbeReply> {
  return new Promise((resolve) => {
    const asked = request({ path, host: 'pipeline.simulated', createConnection: dial });
    asked.on('error', (error: { code?: unknown }) => {
      resolve({ status: 0, body: JSON.stringify({ code: String(error.code ?? 'UNREACHABLE') }) });
    });
    asked.on('response', (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('close', () => {
        resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    asked.end();
  });
}

/** A probe's reply as an event. */
export function healthEvent(which: 'ready' | 'health', reply: ProbeReply): EventDraft {
  return { type: 'health', actor: 'world', probe: which, status: reply.status, body: parsed(reply.body) };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text.slice(0, 1000);
  }
}
