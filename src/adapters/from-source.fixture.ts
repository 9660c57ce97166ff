/**
 * With these flags processes and threads load TypeScript. `--import tsx` would not do: in a thread it counts on
 * the main thread, which under vitest has another loader.
 */
export const fromSource: readonly string[] = [
  '--import',
  new URL('./register-tsx.fixture.mjs', import.meta.url).href,
];
