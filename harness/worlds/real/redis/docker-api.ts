import { existsSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a Docker daemon listens; only the plain ways, which a reaper can speak without a library. */
export type DockerAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

/** What came of looking for a Docker daemon. `why` is one line for the user, with cause and remedy. */
export type DockerProbe =
  | { readonly ok: true; readonly address: DockerAddress }
  | { readonly ok: false; readonly why: string; readonly remedy: string };

/** Milliseconds that a daemon may take to answer a ping before it counts as hung. */
const pingMs = 3_000;

/** Looks for a daemon that answers, in the places where testcontainers would look; bounded in time. */
export async function probeDocker(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<DockerProbe> {
  const place = placeOf(env);
  if (!('address' in place)) return place;
  try {
    const reply = await askDocker(place.address, 'GET', '/_ping', {
      timeoutMs: pingMs,
      ...(signal && { signal }),
    });
    if (reply.status === 200) return { ok: true, address: place.address };
    return {
      ok: false,
      why: `the Docker daemon at ${place.name} answered its ping with status ${reply.status}`,
      remedy: 'look at the daemon with `docker info`',
    };
  } catch (thrown) {
    return refusal((thrown as NodeJS.ErrnoException).code, place.name);
  }
}

/** One exchange with the daemon. Rejects with the socket's error, with code ETIMEDOUT when it takes too long. */
export function askDocker(
  address: DockerAddress,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const target: RequestOptions = { ...address, method, path, agent: false };
    if (options.signal !== undefined) target.signal = options.signal;
    const request = httpRequest(target, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    const timer = setTimeout(
      () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
      options.timeoutMs,
    );
    function fail(error: Error): void {
      clearTimeout(timer);
      reject(error);
    }
    request.on('error', fail);
    request.end();
  });
}

/** Ends and removes every container with this label, running or not; `matches` picks among them. */
export async function removeContainers(
  address: DockerAddress,
  label: string,
  matches: (labels: Readonly<Record<string, string>>) => boolean = () => true,
): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const listed = await askDocker(address, 'GET', `/containers/json?all=true&filters=${filters}`, {
    timeoutMs: 10_000,
  });
  if (listed.status !== 200) return 0;
  const containers = (JSON.parse(listed.text) as { Id: string; Labels: Record<string, string> }[]).filter(
    (container) => matches(container.Labels),
  );
  await Promise.all(
    containers.map(({ Id }) =>
      askDocker(address, 'DELETE', `/containers/${Id}?force=true&v=true`, { timeoutMs: 30_000 }),
    ),
  );
  return containers.length;
}

type Place = { readonly address: DockerAddress; readonly name: string } | Extract<DockerProbe, { ok: false }>;

function placeOf(env: NodeJS.ProcessEnv): Place {
  const named = env.DOCKER_HOST;
  if (named !== undefined && named !== '') {
    const address = addressOf(named, env);
    if (address !== null) return { address, name: named };
    return {
      ok: false,
      why: 'DOCKER_HOST names a way that is not spoken here (only unix:// and plain tcp://)',
      remedy: 'unset DOCKER_HOST, or forward the daemon to a local socket',
    };
  }
  const sockets = [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR === undefined ? [] : [join(env.XDG_RUNTIME_DIR, 'docker.sock')]),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
  ];
  const found = sockets.find((path) => existsSync(path));
  if (found !== undefined) return { address: { socketPath: found }, name: found };
  return {
    ok: false,
    why: 'no Docker here (no /var/run/docker.sock, and DOCKER_HOST is not set)',
    remedy: 'install and start Docker, or set DOCKER_HOST',
  };
}

/** `unix:///path` or `tcp://host:port` without TLS; null for any other way. */
function addressOf(host: string, env: NodeJS.ProcessEnv): DockerAddress | null {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (!/^(tcp|http):\/\//.test(host) || env.DOCKER_TLS_VERIFY === '1') return null;
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  return { host: url.hostname, port: Number(url.port || 2375) };
}

function refusal(code: string | undefined, name: string): Extract<DockerProbe, { ok: false }> {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return {
        ok: false,
        why: `no permission on the Docker socket ${name}`,
        remedy: 'add yourself to the group "docker" and log in again, or run with sudo',
      };
    case 'ETIMEDOUT':
      return {
        ok: false,
        why: `the Docker daemon at ${name} hangs: no answer within ${pingMs / 1_000} s`,
        remedy: 'restart the daemon',
      };
    default:
      return {
        ok: false,
        why: `no Docker daemon answers at ${name} (${code ?? 'no answer'})`,
        remedy: 'start the daemon, or correct DOCKER_HOST',
      };
  }
}
