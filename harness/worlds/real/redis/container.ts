import { randomBytes } from 'node:crypto';
import { reaping } from '../reaping.ts';
import { machineIdentity, machineLabel, runIdentity, runIsOver, runLabel } from '../run-identity.ts';
import type { RedisAddress } from './address.ts';
import { askRedis, versionOf } from './dial.ts';
import { askDocker, type DockerAddress, probeDocker, removeContainers } from './docker-api.ts';
import {
  type RedisProcess,
  type RedisRequest,
  type RedisServer,
  type RedisSource,
  Unavailable,
} from './redis-source.ts';

/** What is pulled where nothing else is at hand. Pinned: the same server on every machine. */
const officialImage = 'redis:7.4.11-alpine';
/** What `.ci/redis-image/build` makes where no registry can be reached. */
const localImage = 'faultline/redis:7.0';
const pullMs = 120_000;
const startMs = 60_000;

/** A fresh container, through testcontainers. */
export const containerSource: RedisSource = {
  kind: 'container',
  loses: 'a Redis of a pinned version, apart from this machine',
  async open(request) {
    const docker = await probeDocker(request.env, request.signal);
    if (!docker.ok) throw new Unavailable(docker.why, docker.remedy);
    await sweepContainers(docker.address);
    const image = await imageAtHand(docker.address, request);
    return start(docker.address, image, request.signal);
  },
};

/** Removes what runs left behind that died on this machine together with their reaper. */
async function sweepContainers(docker: DockerAddress): Promise<void> {
  const machine = machineIdentity();
  await removeContainers(
    docker,
    runLabel,
    (labels) => labels[machineLabel] === machine && runIsOver(labels[runLabel] ?? ''),
  );
}

/** The image that was asked for, else one that is here, else the official one, pulled. */
async function imageAtHand(docker: DockerAddress, request: RedisRequest): Promise<string> {
  const asked = request.env.FAULTLINE_REDIS_IMAGE;
  const candidates = asked !== undefined && asked !== '' ? [asked] : [officialImage, localImage];
  for (const image of candidates) {
    const found = await askDocker(docker, 'GET', `/images/${encodeURIComponent(image)}/json`, {
      timeoutMs: 10_000,
    });
    if (found.status === 200) return image;
  }
  const [image = officialImage] = candidates;
  await pull(docker, image, request);
  return image;
}

async function pull(docker: DockerAddress, image: string, request: RedisRequest): Promise<void> {
  request.progress(`pulling the image ${image} (at most ${pullMs / 1_000} s)`);
  const [, name = image, tag = 'latest'] = /^(.*?)(?::([^/:]+))?$/.exec(image) ?? [];
  const query = new URLSearchParams({ fromImage: name, tag: tag });
  let why: string;
  try {
    const reply = await askDocker(docker, 'POST', `/images/create?${query}`, {
      timeoutMs: pullMs,
      ...(request.signal && { signal: request.signal }),
    });
    // The daemon answers 200 before it begins; a failure then comes as a line with `error` in it.
    if (reply.status === 200 && !reply.text.includes('"error"')) return;
    why =
      reply.status === 404 || /not found|manifest unknown/.test(reply.text)
        ? 'no registry has it'
        : 'no registry could be reached';
  } catch (thrown) {
    request.signal?.throwIfAborted();
    why =
      (thrown as NodeJS.ErrnoException).code === 'ETIMEDOUT'
        ? `the pull took more than ${pullMs / 1_000} s`
        : 'the pull broke off';
  }
  throw new Unavailable(
    `the image ${image} is not here and ${why}`,
    'docker pull it, or name an image that is here in FAULTLINE_REDIS_IMAGE (.ci/redis-image/build makes one)',
  );
}

async function start(
  docker: DockerAddress,
  image: string,
  signal: AbortSignal | undefined,
): Promise<RedisServer> {
  // Its own reaper comes as an image that cannot be assumed; ours is told before anything is created.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const run = runIdentity();
  reaping().containers(docker);
  const { RedisContainer } = await import('@testcontainers/redis');
  signal?.throwIfAborted();
  // The port is published on every interface, so nobody may come in without this.
  const password = randomBytes(16).toString('hex');
  const name = randomBytes(8).toString('hex');
  const own = `${runLabel}.container`;
  try {
    const container = await new RedisContainer(image)
      // Left to itself the module joins the option and its value into one argument; redis-server takes that, its tools do not.
      .withCommand(['redis-server', '--save', '', '--appendonly', 'yes', '--requirepass', password])
      .withLabels({ [runLabel]: run, [machineLabel]: machineIdentity(), [own]: name })
      .withStartupTimeout(startMs)
      .start();
    const address: RedisAddress = {
      host: container.getHost() === 'localhost' ? '127.0.0.1' : container.getHost(),
      port: container.getPort(),
      password,
      database: 0,
      tls: false,
    };
    // It comes up so after a restart too, which is what the option is for; until then nothing is written to disk.
    await askRedis(address, ['CONFIG', 'SET', 'appendonly', 'no']);
    return {
      kind: 'container',
      version: await versionOf(address),
      address,
      owned: true,
      process: processOf(docker, container.getId(), address),
      close: async () => {
        await removeContainers(docker, `${own}=${name}`);
      },
    };
  } catch (thrown) {
    // A start that fails leaves its container behind.
    await removeContainers(docker, `${own}=${name}`).catch(() => 0);
    signal?.throwIfAborted();
    throw new Unavailable(
      `a container of ${image} did not become a Redis that answers`,
      `look at it with \`docker run --rm ${image}\`, or name another image in FAULTLINE_REDIS_IMAGE`,
      thrown,
    );
  }
}

function processOf(docker: DockerAddress, id: string, address: RedisAddress): RedisProcess {
  const tell = async (what: string): Promise<void> => {
    const { status, text } = await askDocker(docker, 'POST', `/containers/${id}/${what}`, {
      timeoutMs: 30_000,
    });
    if (status >= 300) throw new Error(`the Docker daemon answered ${status} to ${what}: ${text}`);
  };
  return {
    stall: (still) => tell(still ? 'pause' : 'unpause'),
    kill: async () => {
      // Asked before, so that its end is not missed.
      const gone = tell('wait?condition=next-exit');
      await tell('kill?signal=SIGKILL');
      await gone;
    },
    start: async () => {
      await tell('start');
      // The port that it is published on is another each time.
      const { text } = await askDocker(docker, 'GET', `/containers/${id}/json`, { timeoutMs: 10_000 });
      const { NetworkSettings } = JSON.parse(text) as Inspected;
      const port = Number(NetworkSettings.Ports['6379/tcp']?.[0]?.HostPort);
      return { ...address, port };
    },
  };
}

interface Inspected {
  readonly NetworkSettings: {
    readonly Ports: { readonly [port: string]: { readonly HostPort: string }[] | null };
  };
}
