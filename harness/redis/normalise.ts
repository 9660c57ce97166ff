import { printTree, type RespTree } from './resp-tree.ts';

/**
 * All that may differ between a real Redis 7.0.15 and the simulated one, each with its reason. What no rule
 * names must be the same, byte for byte.
 */
export interface Normalisation {
  readonly what: string;
  readonly why: string;
  /** Whether it speaks of replies to this command: arguments as bytes, the name in lower case. */
  concerns(args: readonly string[]): boolean;
  /** Both replies without what may differ. */
  apply(pair: Pair, ids: EntryIds): Pair;
}

/** The replies of both sides to one command. */
export interface Pair {
  readonly real: RespTree;
  readonly simulated: RespTree;
}

/** Ids of entries that both sides made from their clocks: which of one stands for which of the other. */
export class EntryIds {
  readonly #pairs: { readonly real: string; readonly simulated: string }[] = [];

  /**
   * What both sides answered to the same XADD. False where one of them gave this id before, for another key,
   * and the other did not: from there on it cannot be told which entry is meant.
   */
  note(real: string, simulated: string): boolean {
    const known = this.#pairs.filter((pair) => pair.real === real || pair.simulated === simulated);
    if (known.length === 0) this.#pairs.push({ real, simulated });
    return known.every((pair) => pair.real === real && pair.simulated === simulated);
  }

  same(real: string, simulated: string): boolean {
    return this.#pairs.some((pair) => pair.real === real && pair.simulated === simulated);
  }

  /** The n-th newest; undefined where there are not so many. */
  newest(n: number): { readonly real: string; readonly simulated: string } | undefined {
    return this.#pairs.at(-1 - n);
  }
}

/** Whether an id was made from a clock of these decades. */
export function isFromClock(id: string): boolean {
  return /^1[5-9]\d{11}-\d+$/.test(id);
}

/** How much later one side may have got there. */
const toleranceMs = 5_000;

export const normalisations: readonly Normalisation[] = [
  {
    what: 'ids of stream entries that were made from the time',
    why: 'the clocks are not the same; what both answered to one XADD stands for each other',
    concerns: () => true,
    apply: sameEntries,
  },
  {
    what: 'how long a key still lives, and until when',
    why: 'the clocks are not the same; a few seconds either way are allowed',
    concerns: named('ttl', 'pttl', 'expiretime', 'pexpiretime'),
    apply: withinTolerance,
  },
  {
    what: 'idle times of pending entries',
    why: 'the clocks are not the same',
    concerns: (args) => named('xpending')(args) && args.length > 3,
    apply: onBoth((tree) => items(tree, (entry) => without(entry, 2))),
  },
  {
    what: 'idle times of consumers',
    why: 'the clocks are not the same',
    concerns: (args) => named('xinfo')(args) && subcommand(args) === 'consumers',
    apply: onBoth((tree) => items(tree, (consumer) => withoutValueOf(consumer, 'idle'))),
  },
  {
    what: 'the order of fields, members and keys',
    why: 'Redis keeps none and hashes with a seed of its own; the simulated one keeps the order of making',
    concerns: named('hkeys', 'hvals', 'smembers', 'keys'),
    apply: onBoth((tree) => inOrder(tree, 1)),
  },
  {
    what: 'the order of fields in HGETALL',
    why: 'as above; a field goes with its value',
    concerns: named('hgetall'),
    apply: onBoth((tree) => inOrder(tree, 2)),
  },
  {
    what: 'the order of keys in SCAN',
    why: 'as above; compared where one call returns everything',
    concerns: named('scan'),
    apply: onBoth((tree) => items(tree, (part) => inOrder(part, 1))),
  },
  {
    what: 'which subscription ends first with UNSUBSCRIBE or PUNSUBSCRIBE without a name',
    why: 'as above',
    concerns: (args) => named('unsubscribe', 'punsubscribe')(args) && args.length === 1,
    apply: onBoth((tree) => without(tree, 1)),
  },
  {
    what: 'ids of clients',
    why: 'a real server counts other connections too',
    concerns: (args) => named('client')(args) && subcommand(args) === 'id',
    apply: onBoth((tree) => (tree.kind === 'integer' ? any : tree)),
  },
  {
    what: 'the id in the reply of HELLO',
    why: 'as above',
    concerns: named('hello'),
    apply: onBoth((tree) => withoutValueOf(tree, 'id')),
  },
  {
    what: 'the number of nodes of a stream’s tree',
    why: 'the simulated one has no tree',
    concerns: (args) => named('xinfo')(args) && subcommand(args) === 'stream',
    apply: onBoth((tree) => withoutValueOf(tree, 'radix-tree-nodes')),
  },
];

/** Both replies to a command after all rules that concern it; those within EXEC's by the commands that it ran. */
export function normalised(
  pair: Pair,
  args: readonly string[],
  queue: readonly string[][],
  ids: EntryIds,
): Pair {
  const { real, simulated } = pair;
  if (args[0] !== 'exec' || real.kind !== 'array' || simulated.kind !== 'array') {
    return normalisations
      .filter(({ concerns }) => concerns(args))
      .reduce((current, { apply }) => apply(current, ids), pair);
  }
  const inner = queue.flatMap((queued, i) => {
    const [a, b] = [real.items[i], simulated.items[i]];
    return a === undefined || b === undefined ? [] : [normalised({ real: a, simulated: b }, queued, [], ids)];
  });
  return {
    real: { kind: 'array', items: [...inner.map((one) => one.real), ...real.items.slice(inner.length)] },
    simulated: {
      kind: 'array',
      items: [...inner.map((one) => one.simulated), ...simulated.items.slice(inner.length)],
    },
  };
}

const any: RespTree = { kind: 'status', text: '<any>' };

function named(...names: string[]): (args: readonly string[]) => boolean {
  return (args) => names.includes(args[0] ?? '');
}

function subcommand(args: readonly string[]): string {
  return (args[1] ?? '').toLowerCase();
}

function onBoth(change: (tree: RespTree) => RespTree): (pair: Pair) => Pair {
  return ({ real, simulated }) => ({ real: change(real), simulated: change(simulated) });
}

function items(tree: RespTree, change: (item: RespTree) => RespTree): RespTree {
  return tree.kind === 'array' ? { kind: 'array', items: tree.items.map(change) } : tree;
}

function sameEntries(pair: Pair, ids: EntryIds): Pair {
  const { real, simulated } = pair;
  if (real.kind === 'bulk' && simulated.kind === 'bulk') {
    return ids.same(real.text, simulated.text) ? { real, simulated: real } : pair;
  }
  if (real.kind !== 'array' || simulated.kind !== 'array') return pair;
  const replaced = simulated.items.map((item, i) => {
    const other = real.items[i];
    return other === undefined ? item : sameEntries({ real: other, simulated: item }, ids).simulated;
  });
  return { real, simulated: { kind: 'array', items: replaced } };
}

function withinTolerance(pair: Pair): Pair {
  const { real, simulated } = pair;
  if (real.kind !== 'integer' || simulated.kind !== 'integer') return pair;
  const [a, b] = [Number(real.text), Number(simulated.text)];
  return a > 0 && b > 0 && Math.abs(a - b) <= toleranceMs ? { real, simulated: real } : pair;
}

/** Sorts the items of an array in groups of so many that stay together. */
function inOrder(tree: RespTree, group: number): RespTree {
  if (tree.kind !== 'array') return tree;
  const groups: RespTree[][] = [];
  for (let i = 0; i < tree.items.length; i += group) groups.push(tree.items.slice(i, i + group));
  const printed = groups.map((members) => ({ members, text: members.map(printTree).join('') }));
  printed.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return { kind: 'array', items: printed.flatMap(({ members }) => members) };
}

function without(tree: RespTree, index: number): RespTree {
  if (tree.kind !== 'array') return tree;
  return { kind: 'array', items: tree.items.map((item, i) => (i === index ? any : item)) };
}

/** A flat map without the value under this name. */
function withoutValueOf(tree: RespTree, name: string): RespTree {
  if (tree.kind !== 'array') return tree;
  const index = tree.items.findIndex((item) => item.kind === 'bulk' && item.text === name);
  return index < 0 ? tree : without(tree, index + 1);
}
