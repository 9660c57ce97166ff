import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisAddress } from './address.ts';

/** Why a server could not be used. `code` is a socket's error code, or the first word of Redis's own error. */
export class RedisDialError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = 'RedisDialError';
    this.code = code;
  }
}

/** A step that a fresh connection takes before it is handed on, and what the server said to it. */
type Command = readonly string[];

/**
 * Opens a connection that is already authenticated and on its database, so that what follows on it is the
 * same whatever the server asks for, and nobody behind it ever holds the password.
 */
export async function dialRedis(address: RedisAddress, timeoutMs = 5_000): Promise<Socket> {
  const socket = await connected(address, timeoutMs);
  for (const command of greetings(address)) await exchange(socket, command, timeoutMs);
  return socket;
}

/** One command on a connection of its own; its reply must be a status or one bulk string. Rejects with a RedisDialError. */
export async function askRedis(address: RedisAddress, command: Command, timeoutMs = 5_000): Promise<string> {
  const socket = await dialRedis(address, timeoutMs);
  try {
    return await exchange(socket, command, timeoutMs);
  } finally {
    socket.destroy();
  }
}

/** The server's version, by `INFO server`. */
export async function versionOf(address: RedisAddress, timeoutMs = 5_000): Promise<string> {
  const info = await askRedis(address, ['INFO', 'server'], timeoutMs);
  return /redis_version:([^\r\n]+)/.exec(info)?.[1] ?? 'unknown';
}

function greetings(address: RedisAddress): Command[] {
  const commands: Command[] = [];
  if (address.password !== undefined) {
    commands.push(
      address.username === undefined
        ? ['AUTH', address.password]
        : ['AUTH', address.username, address.password],
    );
  }
  if (address.database !== 0) commands.push(['SELECT', String(address.database)]);
  return commands;
}

function connected(address: RedisAddress, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = address;
    const socket = address.tls ? connectTls({ host, port, servername: host }) : connectPlain({ host, port });
    const timer = setTimeout(() => socket.destroy(new RedisDialError('ETIMEDOUT')), timeoutMs);
    const failed = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      reject(error instanceof RedisDialError ? error : new RedisDialError(error.code ?? 'ECONNREFUSED'));
    };
    socket.once('error', failed);
    socket.once(address.tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

/** Sends one command and gives back its whole reply, which must be a status or one bulk string. */
function exchange(socket: Socket, command: Command, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (end: () => void): void => {
      clearTimeout(timer);
      socket.off('data', read).off('error', broke).off('close', closed);
      socket.pause();
      end();
    };
    const fail = (code: string): void =>
      finish(() => {
        socket.on('error', () => {});
        socket.destroy();
        reject(new RedisDialError(code));
      });
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const whole = wholeReply(text);
      if (whole === null) return;
      if (whole.startsWith('-')) fail(/^-(\S+)/.exec(whole)?.[1] ?? 'ERR');
      else finish(() => resolve(whole));
    };
    const broke = (error: NodeJS.ErrnoException): void => fail(error.code ?? 'ECONNRESET');
    const closed = (): void => fail('ECONNRESET');
    const timer = setTimeout(() => fail('ETIMEDOUT'), timeoutMs);
    socket.on('data', read).on('error', broke).on('close', closed);
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    socket.write(`*${command.length}\r\n${parts.join('')}`);
    socket.resume();
  });
}

function wholeReply(text: string): string | null {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd < 0) return null;
  if (!text.startsWith('$')) return text.slice(0, lineEnd);
  const length = Number(text.slice(1, lineEnd));
  if (length < 0) return '';
  return text.length < lineEnd + 4 + length ? null : text.slice(lineEnd + 2, lineEnd + 2 + length);
}
