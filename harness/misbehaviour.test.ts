import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { placeNames } from '../src/execution/places/place.ts';
import {
  agentPlaces,
  isMisbehaviour,
  type MisbehaviourName,
  misbehaviours,
  survivals,
  whyNotIn,
} from './misbehaviour.ts';

it('is modelled for the places that there are', () => {
  expect(agentPlaces).toEqual(placeNames);
});

it('is said where it is not applicable, and passes where it is', () => {
  expect(whyNotIn('child', misbehaviours.spin)).toBeNull();
  expect(whyNotIn('in-process', { do: 'delay' })).toBeNull();
  expect(whyNotIn('in-process', misbehaviours.exit)).toMatch(/^exit is not applicable in-process: the agent/);
  expect(Object.values(misbehaviours).every(isMisbehaviour)).toBe(true);
});

it('has its table in docs/agents.md', () => {
  const page = readFileSync(new URL('../docs/agents.md', import.meta.url), 'utf8');
  const table = (page.split('<!-- table: survivals -->\n')[1] ?? '').split('\n\n')[0]?.split('\n').slice(2);
  const names = Object.keys(misbehaviours) as MisbehaviourName[];
  expect(table).toEqual(
    names.map((name) => {
      const cells = agentPlaces.map((place) => {
        const survival = survivals[place][name];
        return 'code' in survival ? `\`${survival.code}\`` : `not applicable: ${survival.notApplicable}`;
      });
      return `| \`${name}\` | ${cells.join(' | ')} |`;
    }),
  );
});
