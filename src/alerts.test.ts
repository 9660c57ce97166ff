import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSystemPorts } from './adapters/system-ports.ts';
import { pipelineConfig } from './config.ts';
import { type RedisServer, redisMissing, startRedisServer } from './delivery/redis-server.fixture.ts';
import { audience, secret, tokenFor } from './gateway/test-pipeline.fixture.ts';
import { createHealthyParts } from './healthy-parts.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createScriptedFetch } from './model/scripted.ts';
import { createPipeline } from './pipeline.ts';
import { evaluate, rulesIn, samplesIn } from './promql.fixture.ts';
import { usage, withAgent } from './supervisor/run-bench.fixture.ts';

const yaml = await readFile(new URL('./alerts.rules.yml', import.meta.url), 'utf8');
const rules = rulesIn(yaml);

it('every rule of the file is read', () => {
  expect([...rules.keys()]).toEqual(Array.from(yaml.matchAll(/alert: (\w+)/g), ([, alert]) => alert));
  expect(rules.size).toBeGreaterThan(8);
});

/** What happens between two scrapes, and the labels under which the alert fires. */
const troubles: Readonly<Record<string, { happens(metrics: Metrics): void; under: object[] }>> = {
  FaultlineNotReady: {
    happens: ({ ready }) => ready({ model: true, redis: false }),
    under: [{ dependency: 'redis' }],
  },
  FaultlineCircuitOpen: {
    happens: ({ circuit }) => circuit('model', true, 0),
    under: [{ dependency: 'model' }],
  },
  FaultlineRunsRefused: {
    happens: ({ prerequisiteFailed }) => {
      prerequisiteFailed('model', true);
      prerequisiteFailed('stores', false);
      prerequisiteFailed('permissions', true);
    },
    under: [{ name: 'model' }],
  },
  FaultlineRunsFailing: {
    happens: ({ runEnded }) => {
      for (let i = 0; i < 18; i++) runEnded('complete', 10);
      runEnded('AGENT_FAILED', 10);
    },
    under: [{}],
  },
  FaultlineRunsPartial: {
    happens: ({ runEnded }) => {
      for (const outcome of ['complete', 'complete', 'partial']) runEnded(outcome, 10);
    },
    under: [{}],
  },
  FaultlineSerialisationFailures: {
    happens: ({ agentMeasured }) => agentMeasured('data', 'RESULT_OFF_CONTRACT', 10),
    under: [{ agent: 'data' }],
  },
  FaultlineResultsAltered: {
    happens: ({ altered }) => {
      altered('data', 'lost');
      altered('data', 'lost');
      altered('triage', 'cut');
    },
    under: [
      { agent: 'triage', kind: 'cut' },
      { agent: 'data', kind: 'lost' },
    ],
  },
  FaultlineCacheEntriesRefused: {
    happens: ({ cacheMeasured }) => cacheMeasured('actions', 'refused'),
    under: [{ agent: 'actions' }],
  },
  FaultlineEventsLost: { happens: ({ eventsLost }) => eventsLost(3), under: [{}] },
  FaultlineRedisErrors: {
    happens: ({ storeFailed }) => storeFailed('append'),
    under: [{ what: 'append' }],
  },
  FaultlineMemoryHigh: { happens: ({ watchMemory }) => watchMemory(() => 0.81), under: [{}] },
  FaultlineUpgradesRefused: {
    happens: ({ upgradeRefused }) => {
      for (let i = 0; i < 400; i++) upgradeRefused('AUTH_TOKEN_EXPIRED');
    },
    under: [{ code: 'AUTH_TOKEN_EXPIRED' }],
  },
};

describe.each([...rules])('%s', (alert, expression) => {
  // Prometheus itself makes `up`; no page of ours holds it.
  if (alert === 'FaultlineNotScraped') {
    it.each([
      [0, [{ job: 'faultline' }]],
      [1, []],
    ])('fires where a scrape fails (up is %i)', (value, under) => {
      const samples = [{ name: 'up', labels: { job: 'faultline' }, value }];
      expect(evaluate(expression, [{ at: 0, samples }]).map(({ labels }) => labels)).toEqual(under);
    });
    return;
  }

  it('fires for what it is about', async () => {
    const trouble = troubles[alert];
    expect(await firing(expression, trouble?.happens ?? (() => {}))).toEqual(trouble?.under);
  });

  it('is silent where all is well, and for every other trouble', async () => {
    const others = Object.entries(troubles).filter(([name]) => name !== alert && !alike(name, alert));
    expect(await firing(expression, ({ runEnded }) => runEnded('complete', 10))).toEqual([]);
    for (const [, { happens }] of others) expect(await firing(expression, happens)).toEqual([]);
  });
});

describe('a pipeline of which an agent returns a function', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    if (redisMissing === null) redis = await startRedisServer();
  });
  beforeEach((context) => {
    if (redisMissing !== null) context.skip(redisMissing);
  });
  afterAll(() => redis?.stop());

  it('raises the alert, and raised none for the healthy run before', async () => {
    let insights: unknown = ['all is well'];
    const source = { fetch: async () => usage };
    const healthy = createHealthyParts(source);
    const parts = withAgent('data', async (input, means, signal) => ({
      ...((await new healthy.agents.data().run(input, means, signal)) as object),
      insights,
    }))(healthy);
    const ports = createSystemPorts({
      host: '127.0.0.1',
      port: 0,
      redis: { options: { host: '127.0.0.1', port: redis.port }, keyPrefix: 'test:' },
      usage: source,
      fetch: createScriptedFetch(),
      log: { write: () => {} },
    });
    const pipeline = createPipeline(ports, config, parts);
    const { url } = await pipeline.start();
    const scraped = async (at: number) => {
      const page = await (await fetch(`${url}/metrics`)).text();
      return { at, samples: samplesIn(page) };
    };
    const asked = async (run_id: string) => {
      const reply = await fetch(`${url}/runs`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${tokenFor('alice')}` },
        body: JSON.stringify({
          run_id,
          thread_id: 't',
          payload: { user_request: `Cut our costs (${run_id})` },
        }),
      });
      expect(await reply.text()).toContain('"run_completed"');
    };
    const rule = rules.get('FaultlineResultsAltered') ?? '';
    try {
      const first = await scraped(0);
      await asked('run-1');
      const second = await scraped(60);
      expect(evaluate(rule, [first, second])).toEqual([]);
      insights = ['well', () => 1];
      await asked('run-2');
      expect(evaluate(rule, [first, second, await scraped(120)])).toEqual([
        { labels: { agent: 'data', kind: 'lost' }, value: 1 },
      ]);
    } finally {
      await pipeline.close();
    }
  });

  const config = pipelineConfig.parse({
    jwt: { secret, audience },
    origins: { withoutOrigin: true },
    model: { url: 'http://model.test/v1', name: 'scripted', apiKey: 'none' },
  });
});

/** The labels under which an expression fires after this happened between two scrapes of a pipeline that had worked. */
async function firing(expression: string, happens: (metrics: Metrics) => void): Promise<object[]> {
  const metrics = createMetrics(() => 0);
  const scraped = async (at: number) => ({ at, samples: samplesIn(await metrics.registry.metrics()) });
  // Series with labels that nobody knows beforehand begin with what they count: they are there already.
  metrics.ready({ model: true, redis: true });
  metrics.circuit('model', false, 0);
  for (const outcome of ['complete', 'partial', 'AGENT_FAILED']) metrics.runEnded(outcome, 10);
  metrics.upgradeRefused('AUTH_TOKEN_EXPIRED');
  const before = await scraped(0);
  happens(metrics);
  return evaluate(expression, [before, await scraped(60)]).map(({ labels }) => labels);
}

/** Two rules about how runs end may both have something to say. */
function alike(one: string, other: string): boolean {
  return one.startsWith('FaultlineRuns') && other.startsWith('FaultlineRuns');
}
