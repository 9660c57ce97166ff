import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from '../refusal.ts';
import { statusOf } from './http-status.ts';

/** Answers an upgrade request with an error in place of the 101, and ends the connection. */
export function refuseUpgrade(socket: Duplex, refused: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = answerOf(refused);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${refused.code}\r\n${head.join('')}\r\n${body}`);
}

/** Answers a plain HTTP request with an error. */
export function refuseRequest(response: ServerResponse, refused: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, headers, body } = answerOf(refused);
  response.writeHead(status, headers);
  response.end(body);
}

function answerOf(refused: Refusal): { status: number; headers: Record<string, string>; body: string } {
  const status = statusOf(refused.code);
  const body = JSON.stringify(refused);
  return {
    status,
    body,
    headers: {
      Connection: status === 426 ? 'close, Upgrade' : 'close',
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      'X-Faultline-Code': refused.code,
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
      ...(status === 426 ? { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' } : {}),
    },
  };
}
