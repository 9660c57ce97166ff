import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { audience, referenceConfig, tokenFor } from './config.ts';

it('signs tokens that its own configuration lets in', async () => {
  const config = referenceConfig({ modelUrl: 'http://127.0.0.1:1/v1' });
  const now = Date.UTC(2026, 0, 5, 9);
  const { payload } = await jwtVerify(tokenFor('alice', now), Buffer.from(config.jwt.secret), {
    audience,
    algorithms: ['HS256'],
    currentDate: new Date(now + 1_000),
  });
  expect(payload.sub).toBe('alice');
});

it('gives users more patience than the pipeline has deadlines', () => {
  const { timeouts } = referenceConfig({ modelUrl: 'http://127.0.0.1:1/v1' });
  expect(timeouts.modelMs).toBeLessThan(timeouts.agentMs);
  expect(timeouts.agentMs).toBeLessThan(timeouts.runMs);
});
