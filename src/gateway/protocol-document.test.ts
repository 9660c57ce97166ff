import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pipelineConfig } from '../config.ts';
import { catalogue, type ErrorCode } from '../errors.ts';
import { closeCodeOf } from './close-code.ts';
import { type HandshakeEvent, type HandshakeState, transitions, waysOut } from './handshake.ts';
import { statusOf } from './http-status.ts';

/** The tables of `docs/protocol.md` are those of the code; a failure shows the rows as they should be. */
const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const states = Object.keys(transitions) as HandshakeState[];

it('shows what follows in each state', () => {
  const events: HandshakeEvent[] = [
    'front_passed',
    'token_passed',
    'services_passed',
    'welcomed',
    'refused',
    'gone',
  ];
  expect(tableOf('transitions')).toEqual([
    ['state', ...events.map(code)],
    ...states.map((state) => [code(state), ...events.map((event) => code(transitions[state][event]))]),
  ]);
});

it('shows every way out, how it is told, and what a client can do', () => {
  const rows = states.flatMap((state) =>
    (Object.entries(waysOut[state]) as [ErrorCode, string][]).map(([name, when]) => {
      const isHttp = transitions[state].refused === 'closed';
      const { retry, remedy } = catalogue[name];
      const how = isHttp ? `HTTP ${statusOf(name)}` : `close ${closeCodeOf(name)}`;
      return [code(state), when, how, code(name), retry, remedy];
    }),
  );
  expect(tableOf('ways out')).toEqual([['in', 'when', 'told by', 'code', 'again?', 'what to do'], ...rows]);
});

it('shows the bounds', () => {
  const { limits, timeouts } = pipelineConfig.parse({
    jwt: { secret: 's'.repeat(32), audience: 'a' },
    model: { url: 'u', name: 'n' },
  });
  const shown = { ...limits, ...timeouts };
  for (const [name, value] of tableOf('bounds').slice(1)) {
    const key = name?.replaceAll('`', '') as keyof typeof shown;
    expect([key, value?.replaceAll(',', '')]).toEqual([key, String(shown[key])]);
  }
  expect(tableOf('bounds').length).toBeGreaterThan(8);
});

function code(word: string | undefined): string {
  return word === undefined ? '' : `\`${word}\``;
}

/** The cells of the table behind the marker of this name. */
function tableOf(name: string): string[][] {
  const after = page.split(`<!-- table: ${name} -->\n`)[1] ?? '';
  return after
    .split('\n\n')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|-'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    ) as string[][];
}
