import { describe, expect, it } from 'vitest';
import { redacted } from './redacted.ts';

describe('redacted', () => {
  it.each([
    ['a JWT', 'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2VjcmV0LXNpZw refused', 'c2VjcmV0LXNpZw'],
    ['credentials in a URL', 'connect redis://user:hunter2@host:6379/0 failed', 'hunter2'],
    ['a bearer header', 'Authorization: Bearer abc.DEF-123==', 'abc.DEF-123'],
    ['a named password', '{"password":"hunter2","host":"a"}', 'hunter2'],
    ['an environment variable', 'LLM_API_KEY=sk-1234 set', 'sk-1234'],
  ])('hides %s', (_what, text, secret) => {
    expect(redacted(text)).not.toContain(secret);
  });

  it('leaves the rest as it is', () => {
    const text = "TypeError: Cannot read properties of undefined (reading 'run') at redis://127.0.0.1:6379/0";
    expect(redacted(text)).toBe(text);
  });
});
