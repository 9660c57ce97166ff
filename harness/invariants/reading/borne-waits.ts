import { eventsOf, type History } from '../../history.ts';

/**
 * The constraints, by `seq`, that held their messages up for so short a time that nobody behind them gave up:
 * these explain nothing. What is held on one wire while another message is held there counts as one wait.
 */
export function borneWaitsOf(history: History): ReadonlySet<number> {
  const borneMs = eventsOf(history, 'case-started')[0]?.bounds.borneMs;
  const borne = new Set<number>();
  if (borneMs === undefined) return borne;
  for (const waits of waitsByWire(history).values()) {
    let together: Wait[] = [];
    let until = Number.NEGATIVE_INFINITY;
    const settle = (): void => {
      const [first] = together;
      if (first !== undefined && until - first.from < borneMs) for (const { seq } of together) borne.add(seq);
      together = [];
    };
    for (const wait of waits) {
      if (wait.from > until) settle();
      until = together.length === 0 ? wait.to : Math.max(until, wait.to);
      together.push(wait);
    }
    settle();
  }
  return borne;
}

interface Wait {
  readonly seq: number;
  readonly from: number;
  /** Never, where it was not over at the end. */
  to: number;
}

/** In the order in which they began. */
function waitsByWire(history: History): Map<string, Wait[]> {
  const waits = new Map<string, Wait[]>();
  const open = new Map<string, Wait>();
  for (const event of history.events) {
    if (event.type === 'constraint-holds') {
      const { at, constraint, message = '', seq } = event;
      const wait: Wait = { seq, from: at, to: Number.POSITIVE_INFINITY };
      open.set(`${constraint} ${message}`, wait);
      const wire = /^\w+/.exec(message)?.[0] ?? '';
      const before = waits.get(wire);
      if (before === undefined) waits.set(wire, [wait]);
      else before.push(wait);
    } else if (event.type === 'constraint-met' || event.type === 'constraint-expired') {
      const wait = open.get(`${event.constraint} ${event.message ?? ''}`);
      if (wait !== undefined) wait.to = event.at;
    }
  }
  return waits;
}
