import { randomBytes } from 'node:crypto';
import { reaping } from '../reaping.ts';
import { machineIdentity, machineLabel, runIdentity, runIsOver, runLabel } from '../run-identity.ts';
import type { RedisAddress } from './address.ts';
import { versionOf } from './dial.ts';
import { askDocker, type DockerAddress, probeDocker, removeContainers } from './docker-api.ts';
import { type RedisRequest, type RedisServer, type RedisSource, Unavailable } from './redis-source.ts';

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
      .withCommand(['redis-server', '--save', '', '--appendonly', 'no', '--requirepass', password])
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
    return {
      kind: 'container',
      version: await versionOf(address),
      address,
      owned: true,
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
