import type { Socket } from 'node:net';
import { RedisConnection } from './connection.ts';
import { EntryIds, isFromClock, normalised } from './normalise.ts';
import { type Arg, connections, type Step } from './random-commands.fixture.ts';
import { dial, type RealServer } from './real-server.fixture.ts';
import { printTree, type RespTree, readTree } from './resp-tree.ts';
import { SimulatedRedis } from './server.ts';

/** How long the real server may take for what the simulated one has done at once. */
const patienceMs = 5_000;

/**
 * Plays the same steps to a real server and to a simulated one. The first difference that no normalisation
 * allows, in words; null where there is none. Stops early, which is `undecided`, where the real server's clock
 * alone decides what comes next: which entries of two streams have the same id, or which of two waits ends first.
 */
export async function difference(
  server: RealServer,
  steps: readonly Step[],
): Promise<string | 'undecided' | null> {
  const real = await RealSide.open(server);
  try {
    const simulated = new SimulatedSide();
    const ids = new EntryIds();
    for (const [number, step] of [...steps, ...lookAround].entries()) {
      const commands = step.commands.map((command) => `${command.map(shown).join(' ')}`).join(' · ');
      const problem = await playStep(real, simulated, step, ids);
      if (problem === 'undecided') return problem;
      if (problem !== null) return `step ${number} on ${step.connection} (${commands}): ${problem}`;
    }
    return null;
  } finally {
    await real.close();
  }
}

/** The last connection is kept for looking at what lies there in the end. */
const observer = connections;
const finalKeys = ['order', 's1', 's2', 'h1', 'l1', 'l2', 't1', 'z1', 'e1', 'e2', 'x', 'y'];
const lookAround: readonly Step[] = ['0', '1'].flatMap((database) => [
  { connection: observer, commands: [['select', database], ['dbsize'], ['keys', '*']] },
  ...finalKeys.map((key) => ({
    connection: observer,
    commands: [
      ['type', key],
      ['pttl', key],
      ['get', key],
      ['lrange', key, '0', '-1'],
      ['hgetall', key],
      ['smembers', key],
      ['zrange', key, '0', '-1', 'withscores'],
      ['xrange', key, '-', '+'],
      ['xinfo', 'stream', key],
      ['xinfo', 'groups', key],
    ],
  })),
]);

async function playStep(
  real: RealSide,
  simulated: SimulatedSide,
  step: Step,
  ids: EntryIds,
): Promise<string | null> {
  const forReal = step.commands.map((command) => resolved(command, ids, 'real'));
  const forSimulated = step.commands.map((command) => resolved(command, ids, 'simulated'));
  if (step.commands.some(([name, ...rest]) => name === 'exec' || rest.includes('*'))) await nextMillisecond();
  simulated.send(step.connection, forSimulated);
  real.send(step.connection, forReal);
  for (;;) {
    const problem = (await real.caughtUp(simulated)) ?? compared(real, simulated, ids);
    if (problem !== null) return problem;
    if (simulated.timers > 1) return 'undecided';
    if (!simulated.passTime()) return real.surplus();
  }
}

function compared(real: RealSide, simulated: SimulatedSide, ids: EntryIds): string | null {
  const said = Array.from({ length: observer + 1 }, (_, connection) => ({
    connection,
    expected: simulated.take(connection),
  })).map((side) => ({ ...side, got: real.take(side.connection, side.expected.length) }));
  for (const { expected, got } of said) {
    for (const [index, answer] of expected.entries()) {
      if (!noted(got[index], answer.tree, answer.args, answer.queue, ids)) return 'undecided';
    }
  }
  for (const { connection, expected, got } of said) {
    for (const [index, answer] of expected.entries()) {
      const tree = got[index];
      const to = `connection ${connection}, ${answer.args.map(shown).join(' ') || 'a message'}`;
      if (tree === undefined) return `${to}: the real server said nothing`;
      const pair = normalised({ real: tree, simulated: answer.tree }, answer.args, answer.queue, ids);
      const [a, b] = [printTree(pair.real), printTree(pair.simulated)];
      if (a !== b) return `${to}:\n  real      ${JSON.stringify(a)}\n  simulated ${JSON.stringify(b)}`;
    }
  }
  return null;
}

/** Keeps the ids that XADD made from the time, also within EXEC; false where they are ambiguous. */
function noted(
  real: RespTree | undefined,
  simulated: RespTree,
  args: readonly string[],
  queue: readonly string[][],
  ids: EntryIds,
): boolean {
  if (args[0] === 'exec' && real?.kind === 'array' && simulated.kind === 'array') {
    return simulated.items.every((item, i) => noted(real.items[i], item, queue[i] ?? [], [], ids));
  }
  if (args[0] !== 'xadd' || real?.kind !== 'bulk' || simulated.kind !== 'bulk') return true;
  if (!isFromClock(real.text) || !isFromClock(simulated.text)) return true;
  return ids.note(real.text, simulated.text);
}

/** Ids by their age, as this side made them; an id that is in no stream where there are not so many. */
function resolved(command: readonly Arg[], ids: EntryIds, side: 'real' | 'simulated'): string[] {
  return command.map((arg) => (typeof arg === 'string' ? arg : (ids.newest(arg.newest)?.[side] ?? '9-9')));
}

/** Entries of different steps get different times. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
}

function encoded(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

function shown(arg: Arg): string {
  if (typeof arg !== 'string') return `<newest-${arg.newest}>`;
  return /^[!-~]+$/.test(arg) ? arg : JSON.stringify(arg);
}

interface Answer {
  readonly tree: RespTree;
  /** Of the command that it answers, the name in lower case; none for a published message. */
  readonly args: readonly string[];
  /** What EXEC ran. */
  readonly queue: readonly string[][];
}

interface SimulatedConnection {
  readonly wire: RedisConnection;
  /** Commands that are not answered yet. */
  readonly sent: string[][];
  answers: Answer[];
  /** What was queued since MULTI. */
  queue: string[][];
}

class SimulatedSide {
  readonly #redis: SimulatedRedis;
  readonly #connections: SimulatedConnection[] = [];
  #now = Date.now();
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  constructor() {
    this.#redis = new SimulatedRedis({
      now: () => this.#now,
      schedule: (at, run) => {
        const timer = { at, run };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
    });
    for (let i = 0; i <= observer; i++) {
      const wire = new RedisConnection(this.#redis, (bytes) => this.#replied(i, bytes.toString('latin1')));
      this.#connections.push({ wire, sent: [], answers: [], queue: [] });
    }
  }

  send(connection: number, commands: readonly string[][]): void {
    this.#now += 1;
    const to = this.#at(connection);
    to.sent.push(...commands);
    to.wire.bytes(Buffer.from(commands.map(encoded).join(''), 'latin1'));
  }

  /** How many sessions wait. */
  get waiting(): number {
    return this.#connections.filter(({ wire }) => wire.waiting).length;
  }

  expected(connection: number): number {
    return this.#at(connection).answers.length;
  }

  take(connection: number): Answer[] {
    const from = this.#at(connection);
    const { answers } = from;
    from.answers = [];
    return answers;
  }

  /** How many sessions wait for a while only. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets the time of a wait run out; false where none has an end. */
  passTime(): boolean {
    const [next] = this.#timers.sort((a, b) => a.at - b.at);
    if (next === undefined) return false;
    this.#timers.shift();
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }

  #replied(index: number, bytes: string): void {
    const connection = this.#at(index);
    const trees = treesOf(bytes).trees;
    if (isMessage(trees[0])) {
      connection.answers.push(...trees.map((tree) => ({ tree, args: [], queue: [] })));
      return;
    }
    const [name = '', ...rest] = connection.sent.shift() ?? [];
    const args = [name.toLowerCase(), ...rest];
    const [first] = trees;
    if (first?.kind === 'status' && first.text === 'QUEUED') connection.queue.push(args);
    connection.answers.push(...answersOf(trees, args, connection.queue));
    if (['exec', 'discard', 'reset'].includes(name)) connection.queue = [];
  }

  #at(index: number): SimulatedConnection {
    const connection = this.#connections[index];
    if (connection === undefined) throw new RangeError(`There is no connection ${index}.`);
    return connection;
  }
}

/**
 * Whose answers the values are. A session that publishes to itself within EXEC finds the message among the
 * replies, and as many of those behind the array that EXEC announced.
 */
function answersOf(
  trees: readonly RespTree[],
  args: readonly string[],
  queue: readonly string[][],
): Answer[] {
  const [first, ...behind] = trees;
  if (args[0] !== 'exec' || first?.kind !== 'array') return trees.map((tree) => ({ tree, args, queue: [] }));
  const rest = [...queue];
  const asked = [...first.items, ...behind].map((tree) => (isMessage(tree) ? [] : (rest.shift() ?? [])));
  const within = asked.slice(0, first.items.length);
  return [
    { tree: first, args, queue: within },
    ...behind.map((tree, i) => ({ tree, args: asked[first.items.length + i] ?? [], queue: [] })),
  ];
}

function isMessage(tree: RespTree | undefined): boolean {
  const [kind] = tree?.kind === 'array' ? tree.items : [];
  return kind?.kind === 'bulk' && (kind.text === 'message' || kind.text === 'pmessage');
}

function treesOf(bytes: string): { readonly trees: RespTree[]; readonly rest: string } {
  const trees: RespTree[] = [];
  let offset = 0;
  for (let read = readTree(bytes, 0); read !== null; read = readTree(bytes, offset)) {
    trees.push(read.tree);
    offset = read.end;
    if (offset === bytes.length) break;
  }
  return { trees, rest: bytes.slice(offset) };
}

class RealConnection {
  readonly trees: RespTree[] = [];
  readonly #socket: Socket;
  #rest = '';
  #changed: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const { trees, rest } = treesOf(this.#rest + chunk.toString('latin1'));
      this.#rest = rest;
      this.trees.push(...trees);
      this.#changed();
    });
  }

  send(commands: readonly (readonly string[])[]): void {
    this.#socket.write(Buffer.from(commands.map(encoded).join(''), 'latin1'));
  }

  /** Once at least so many values have come; false where they did not come in time. */
  async has(count: number): Promise<boolean> {
    const until = Date.now() + patienceMs;
    while (this.trees.length < count) {
      const left = until - Date.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  take(count: number): RespTree[] {
    return this.trees.splice(0, count);
  }

  end(): void {
    this.#socket.destroy();
  }
}

class RealSide {
  readonly #control: RealConnection;
  readonly #connections: readonly RealConnection[];

  private constructor(control: RealConnection, connections: readonly RealConnection[]) {
    this.#control = control;
    this.#connections = connections;
  }

  /** Connections to an empty server that nobody else uses. */
  static async open(server: RealServer): Promise<RealSide> {
    const control = new RealConnection(await dial(server.path));
    const alone = await becomes(async () => (await clientCount(control, 'connected_clients')) === 1);
    if (!alone) throw new Error('Connections of the case before are still there.');
    await asked(control, ['flushall']);
    const sockets: Socket[] = [];
    for (let i = 0; i <= observer; i++) sockets.push(await dial(server.path));
    return new RealSide(
      control,
      sockets.map((socket) => new RealConnection(socket)),
    );
  }

  send(connection: number, commands: readonly (readonly string[])[]): void {
    this.#connections[connection]?.send(commands);
  }

  /** The oldest values that have not been taken. */
  take(connection: number, count: number): RespTree[] {
    return this.#connections[connection]?.take(count) ?? [];
  }

  /** What came that nobody expected, in words. */
  surplus(): string | null {
    for (const [index, { trees }] of this.#connections.entries()) {
      const [first] = trees;
      if (first !== undefined)
        return `connection ${index}: the real server said ${JSON.stringify(printTree(first))} on top`;
    }
    return null;
  }

  /** Once everything has come that the simulated side has said, and as many sessions wait. */
  async caughtUp(simulated: SimulatedSide): Promise<string | null> {
    for (const [index, connection] of this.#connections.entries()) {
      const expected = simulated.expected(index);
      if (connection.trees.length >= expected || (await connection.has(expected))) continue;
      const late = simulated.take(index)[connection.trees.length];
      const what =
        late === undefined ? '' : `${late.args.join(' ')} → ${JSON.stringify(printTree(late.tree))}`;
      return `connection ${index}: of ${expected} replies ${connection.trees.length} came; missing: ${what}`;
    }
    // A wait that has an end may be over there already.
    if (simulated.timers > 0) return null;
    const { waiting } = simulated;
    const same = await becomes(async () => (await clientCount(this.#control, 'blocked_clients')) === waiting);
    return same ? null : `${waiting} connections wait in simulation, another number at the real server`;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.end();
    this.#control.end();
  }
}

async function asked(connection: RealConnection, command: readonly string[]): Promise<string> {
  connection.send([command]);
  await connection.has(1);
  return connection.take(1).map(printTree).join('');
}

async function clientCount(control: RealConnection, name: string): Promise<number> {
  const info = await asked(control, ['info', 'clients']);
  return Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1] ?? Number.NaN);
}

async function becomes(met: () => Promise<boolean>): Promise<boolean> {
  const until = Date.now() + patienceMs;
  while (!(await met())) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return true;
}
