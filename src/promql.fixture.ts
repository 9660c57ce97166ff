/**
 * As much of PromQL as the shipped alert rules need: selectors with `=`, `!=`, `=~`, `!~`; `rate` and
 * `increase` over a range; `sum` and `sum by`; division; comparison with a number. Left out: extrapolation to
 * the edges of a range (an increase here is what was counted between its first and last scrape, resets
 * included), and everything else. What it does not know is a SyntaxError, never an empty answer.
 */
export interface Scrape {
  /** Seconds. */
  readonly at: number;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;
type Vector = readonly Omit<Sample, 'name'>[];

/** The samples of a page in the Prometheus text format. */
export function samplesIn(page: string): Sample[] {
  return page
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === '') throw new SyntaxError(`no sample: ${line}`);
      return { name, labels: Object.fromEntries(labelsIn(labels)), value: Number(value) };
    });
}

/** What the expression gives at the last scrape: one member for each alert that it would raise. */
export function evaluate(expression: string, scrapes: readonly Scrape[]): Vector {
  const parser = new Parser(expression, scrapes);
  return parser.whole();
}

/** The rules of a file like ours, by alert. */
export function rulesIn(yaml: string): ReadonlyMap<string, string> {
  const rules = yaml.matchAll(/- alert: (\w+)\n\s+expr: (?:\|\n((?:\s{10,}.*\n)+)|(.*)\n)/g);
  return new Map(Array.from(rules, ([, alert = '', block, line]) => [alert, (block ?? line ?? '').trim()]));
}

class Parser {
  readonly #scrapes: readonly Scrape[];
  readonly #words: string[];

  constructor(expression: string, scrapes: readonly Scrape[]) {
    this.#scrapes = scrapes;
    this.#words = expression.match(/"(?:[^"\\]|\\.)*"|[\w:.]+|[=!]~|[=!<>]=|\S/g) ?? [];
  }

  whole(): Vector {
    const value = this.#comparison();
    if (this.#words.length > 0) throw new SyntaxError(`not known: ${this.#words.join(' ')}`);
    return value;
  }

  #comparison(): Vector {
    const left = this.#quotient();
    const compare = comparisons[this.#peek()];
    if (compare === undefined) return left;
    this.#next();
    const right = Number(this.#next());
    if (Number.isNaN(right)) throw new SyntaxError('compared with something else than a number');
    return left.filter(({ value }) => compare(value, right));
  }

  #quotient(): Vector {
    let left = this.#operand();
    while (this.#peek() === '/') {
      this.#next();
      const right = this.#operand();
      left = left.flatMap(({ labels, value }) =>
        right
          .filter((other) => same(labels, other.labels))
          .map((other) => ({ labels, value: value / other.value })),
      );
    }
    return left;
  }

  #operand(): Vector {
    const word = this.#next();
    if (word === 'sum') return this.#sum();
    if (word === 'rate' || word === 'increase') return this.#change(word);
    const last = this.#scrapes.at(-1);
    return this.#select(word, last === undefined ? [] : [last]).map(([first]) => ({
      labels: first?.labels ?? {},
      value: first?.value ?? Number.NaN,
    }));
  }

  #sum(): Vector {
    const by: string[] = [];
    if (this.#peek() === 'by') {
      this.#next();
      this.#expect('(');
      while (this.#peek() !== ')')
        if (this.#peek() === ',') this.#next();
        else by.push(this.#next());
      this.#expect(')');
    }
    this.#expect('(');
    const inner = this.#comparison();
    this.#expect(')');
    const sums = new Map<string, { labels: Labels; value: number }>();
    for (const { labels, value } of inner) {
      const kept = Object.fromEntries(by.map((label) => [label, labels[label] ?? '']));
      const key = JSON.stringify(kept);
      sums.set(key, { labels: kept, value: (sums.get(key)?.value ?? 0) + value });
    }
    return [...sums.values()];
  }

  #change(what: 'rate' | 'increase'): Vector {
    this.#expect('(');
    const name = this.#next();
    const matchers = this.#matchers();
    this.#expect('[');
    const seconds = duration(this.#next());
    this.#expect(']');
    this.#expect(')');
    const end = this.#scrapes.at(-1)?.at ?? 0;
    const within = this.#scrapes.filter(({ at }) => at >= end - seconds);
    return (
      seriesOf(within, name, matchers)
        // One sample says nothing of a change.
        .filter((series) => series.length > 1)
        .map((series) => {
          const grown = series.slice(1).reduce((sum, { value }, index) => {
            const before = series[index]?.value ?? 0;
            return sum + (value < before ? value : value - before);
          }, 0);
          return { labels: series[0]?.labels ?? {}, value: what === 'rate' ? grown / seconds : grown };
        })
    );
  }

  #select(name: string, scrapes: readonly Scrape[]): Sample[][] {
    if (!/^[a-z_:]/i.test(name)) throw new SyntaxError(`not known: ${name}`);
    const matchers = this.#matchers();
    if (this.#peek() === '(') throw new SyntaxError(`not known: ${name}()`);
    return seriesOf(scrapes, name, matchers);
  }

  #matchers(): (labels: Labels) => boolean {
    const matchers: ((labels: Labels) => boolean)[] = [];
    if (this.#peek() === '{') {
      this.#next();
      while (this.#peek() !== '}') {
        const label = this.#next();
        const match = matches[this.#next()];
        const text = JSON.parse(this.#next()) as string;
        if (match === undefined) throw new SyntaxError(`not known: a matcher of ${label}`);
        matchers.push((labels) => match(labels[label] ?? '', text));
        if (this.#peek() === ',') this.#next();
      }
      this.#next();
    }
    return (labels) => matchers.every((matcher) => matcher(labels));
  }

  #peek(): string {
    return this.#words[0] ?? '';
  }

  #next(): string {
    const word = this.#words.shift();
    if (word === undefined) throw new SyntaxError('the expression ends too early');
    return word;
  }

  #expect(wanted: string): void {
    const word = this.#next();
    if (word !== wanted) throw new SyntaxError(`${wanted} expected, ${word} found`);
  }
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

const matches: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  '=': (text, wanted) => text === wanted,
  '!=': (text, wanted) => text !== wanted,
  '=~': (text, wanted) => new RegExp(`^(?:${wanted})$`).test(text),
  '!~': (text, wanted) => !new RegExp(`^(?:${wanted})$`).test(text),
};

/** Samples of each series, oldest first. */
function seriesOf(scrapes: readonly Scrape[], name: string, wanted: (labels: Labels) => boolean): Sample[][] {
  const series = new Map<string, Sample[]>();
  for (const { samples } of scrapes) {
    for (const sample of samples) {
      if (sample.name !== name || !wanted(sample.labels)) continue;
      const key = JSON.stringify(Object.entries(sample.labels).sort());
      series.set(key, [...(series.get(key) ?? []), sample]);
    }
  }
  return [...series.values()];
}

function* labelsIn(text: string): Generator<[string, string]> {
  for (const [, label = '', value = '""'] of text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g))
    yield [label, JSON.parse(value) as string];
}

function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * ({ s: 1, m: 60, h: 3600 }[unit] ?? Number.NaN);
  if (Number.isNaN(seconds)) throw new SyntaxError(`no duration: ${text}`);
  return seconds;
}

function same(a: Labels, b: Labels): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
