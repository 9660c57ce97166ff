import { createCleanJsonCodec } from '../../src/codec/clean-json.ts';
import { codecLimits } from '../../src/codec/limits.ts';
import type { Figure } from '../bench.ts';
import { type Compared, compare } from '../rounds.ts';
import { type Contender, json, ours, peers } from './contenders.ts';
import { hostile, mild } from './live-values.ts';
import { nothing, type Payload, payloadOf, withLive } from './payload.ts';

const rounds = 15;
const seed = 585;
const sizes = [1024, 20 * 1024, 1024 * 1024] as const;

/** The codec beside its peers: clean, contaminated and hostile values, and the way back. */
export async function codec(): Promise<readonly Figure[]> {
  warmUp();
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await encodeClean(size)));
  for (const size of sizes) figures.push(...(await decodeClean(size)));
  for (const size of sizes) figures.push(await encodeLive('mildly contaminated', contaminated(size), 0.35));
  for (const size of sizes)
    figures.push(await encodeLive('hostile', hostileTo(size), size === 1024 ? undefined : 0.3));
  figures.push(...(await growth()), ...(await beyondLimits()));
  return figures;
}

/** The goal beside each peer, as in how many times as fast; peers without one are there to be seen. */
const encodeGoals: Readonly<Record<string, number>> = { JSON: 0.55, devalue: 1.7, superjson: 4 };
const decodeGoals: Readonly<Record<string, number>> = { JSON: 0.9 };

async function encodeClean(size: number): Promise<Figure[]> {
  const payload = payloadOf(size, seed);
  const bytes = JSON.stringify(payload).length;
  return beside(
    `encode clean, ${sizeText(size)}`,
    bytes,
    [ours, ...peers].map((contender) => ({ contender, work: () => contender.encode(payload) })),
    encodeGoals,
  );
}

async function decodeClean(size: number): Promise<Figure[]> {
  const payload = payloadOf(size, seed);
  const bytes = JSON.stringify(payload).length;
  // What `structuredClone` makes is the copy already: there is no way back to measure.
  const contenders = [ours, ...peers].filter(({ name }) => name !== 'structuredClone');
  return beside(
    `decode clean, ${sizeText(size)}`,
    bytes,
    contenders.map((contender) => {
      const encoded = contender.encode(payload) as never;
      return { contender, work: () => contender.decode(encoded) };
    }),
    decodeGoals,
  );
}

interface Task {
  readonly contender: Contender;
  work(): unknown;
}

async function beside(
  what: string,
  bytes: number,
  tasks: readonly Task[],
  goals: Readonly<Record<string, number>>,
): Promise<Figure[]> {
  const [own, ...others] = await compare(
    tasks.map(({ contender, work }) => ({ name: contender.name, rate: async () => bytes * perSecond(work) })),
    rounds,
  );
  if (own === undefined) throw new Error('nothing was compared');
  return others.map((peer) => figureOf(what, own, peer, goals[peer.name]));
}

async function encodeLive(
  what: string,
  { clean, live }: { clean: Payload; live: Payload },
  least: number | undefined,
): Promise<Figure> {
  const bytes = JSON.stringify(clean).length;
  const [own, peer] = await compare(
    [
      { name: ours.name, rate: async () => bytes * perSecond(() => ours.encode(live)) },
      { name: 'JSON, of the clean twin', rate: async () => bytes * perSecond(() => json.encode(clean)) },
    ],
    rounds,
  );
  if (own === undefined || peer === undefined) throw new Error('nothing was compared');
  return figureOf(`encode ${what}, ${sizeText(bytes)}`, own, peer, least);
}

function figureOf(what: string, own: Compared, peer: Compared, least: number | undefined): Figure {
  const ratio = 1 / peer.ratio;
  return {
    what,
    value: megabytes(own.rate),
    peer: `${peer.name} (${megabytes(peer.rate)})`,
    ratio,
    ...(least === undefined ? {} : { goal: { says: `>= ${least}`, met: ratio >= least } }),
  };
}

/** How cost grows with size: the slope of time over size, both as logarithms. 1 is linear. */
async function growth(): Promise<Figure[]> {
  const unbounded = createCleanJsonCodec({
    ...codecLimits,
    valuesMax: Number.MAX_SAFE_INTEGER,
    textMax: Number.MAX_SAFE_INTEGER,
  });
  const payloads = [1, 8, 64, 512, 8 * 1024].map((kilobytes) => payloadOf(kilobytes * 1024, seed));
  const encode = payloads.map((payload) => () => unbounded.encode(payload));
  const lists = payloads.map((payload) => JSON.stringify(payload).length);
  const compared = await compare(
    encode.map((work, index) => ({
      name: sizeText(lists[index] ?? 0),
      rate: async () => (lists[index] ?? 0) * perSecond(work),
    })),
    rounds,
  );
  const slope = slopeOf(
    compared.map(({ rate }, index) => {
      const bytes = lists[index] ?? 0;
      return { x: Math.log(bytes), y: Math.log(bytes / rate) };
    }),
  );
  return [
    ...compared.map(({ name, rate }) => ({
      what: `cost of a KB in ${name}`,
      value: `${((1024 / rate) * 1e6).toFixed(1)} µs`,
    })),
    {
      what: 'cost grows as size to the power of',
      value: slope.toFixed(3),
      goal: { says: '<= 1.1', met: slope <= 1.1 },
    },
  ];
}

/** Values far beyond each limit, beside the largest that is within it. */
async function beyondLimits(): Promise<Figure[]> {
  const { depthMax, valuesMax, textMax } = codecLimits;
  const pairs: [string, unknown, unknown][] = [
    ['50 x too many values', new Array(valuesMax - 1).fill(7), new Array(50 * valuesMax).fill(7)],
    ['a lattice of 2^60 ways', latticeOf(Math.floor(Math.log2(valuesMax)) - 1), latticeOf(60)],
    ['10,000 x too deep', nested(depthMax - 1), nested(10_000 * depthMax)],
    ['16 x too much text', 'x'.repeat(textMax), 'x'.repeat(16 * textMax)],
  ];
  const figures: Figure[] = [];
  for (const [what, within, beyond] of pairs) {
    if (ours.encode(within) !== JSON.stringify(within))
      throw new Error(`${what}: the smaller is beyond a limit too`);
    const [own, peer] = await compare(
      [
        { name: what, rate: async () => perSecond(() => ours.encode(beyond)) },
        { name: 'the largest within', rate: async () => perSecond(() => ours.encode(within)) },
      ],
      rounds,
    );
    if (own === undefined || peer === undefined) throw new Error('nothing was compared');
    const times = peer.ratio;
    figures.push({
      what: `cost of ${what}`,
      value: `${(1000 / own.rate).toFixed(2)} ms`,
      peer: `the largest within the limit (${(1000 / peer.rate).toFixed(2)} ms)`,
      ratio: times,
      goal: { says: '<= 10', met: times <= 10 },
    });
  }
  return figures;
}

/** Every code path has met everything before the first figure is taken, as in a process that has run for a while. */
function warmUp(): void {
  const clean = payloadOf(20 * 1024, seed);
  for (let round = 0; round < 3; round++) {
    for (const contender of [ours, ...peers]) {
      const encoded = contender.encode(clean) as never;
      perSecond(() => contender.encode(clean), 100);
      perSecond(() => contender.decode(encoded), 100);
    }
    for (const { live } of [contaminated(20 * 1024), hostileTo(20 * 1024)])
      perSecond(() => ours.encode(live), 100);
  }
}

/** One result in ten holds something that is no data; the smallest payload holds one. */
function contaminated(size: number): { clean: Payload; live: Payload } {
  const clean = payloadOf(size, seed);
  return { clean, live: withLive(clean, (place) => (place % 10 === 0 ? pick(mild, place / 10) : nothing)) };
}

/** Six in each 20 KB; in the smallest payload one to each result. */
function hostileTo(size: number): { clean: Payload; live: Payload } {
  const clean = payloadOf(size, seed);
  const every = Math.max(1, Math.floor((clean.results.length * 20 * 1024) / size / 6));
  return {
    clean,
    live: withLive(clean, (place) => (place % every === 0 ? pick(hostile, place / every) : nothing)),
  };
}

function pick(makers: readonly (() => unknown)[], turn: number): unknown {
  return makers[turn % makers.length]?.();
}

/**
 * How often in a second of this process's own time, over at least two times and some milliseconds. On a machine
 * with other work the clock on the wall measures the neighbours; processor time, that of the collector of garbage
 * included, gives the same ratio to one hundredth.
 */
function perSecond(work: () => unknown, leastMs = 8): number {
  let done = 0;
  let batch = 1;
  const started = processorMs();
  for (;;) {
    for (let turn = 0; turn < batch; turn++) work();
    done += batch;
    const passed = processorMs() - started;
    if (passed >= leastMs && done >= 2) return (done / passed) * 1000;
    if (passed < leastMs / 8) batch *= 2;
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  return mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
}

function latticeOf(levels: number): unknown {
  let lattice: unknown = 1;
  for (let level = 0; level < levels; level++) lattice = { left: lattice, right: lattice };
  return lattice;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function sizeText(bytes: number): string {
  const kilobytes = bytes / 1024;
  return kilobytes < 1000 ? `${Math.max(1, Math.round(kilobytes))} KB` : `${Math.round(kilobytes / 1024)} MB`;
}

function megabytes(bytesPerSecond: number): string {
  return `${Math.round(bytesPerSecond / 1e6)} MB/s`;
}
