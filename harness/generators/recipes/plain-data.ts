import type { Json } from '../../history.ts';
import type { Recipe } from './recipe.ts';

const tagLike: Json = {
  $type: 'Map',
  __type__: 'Date',
  '@@tag': 'bigint',
  $ref: '#/0',
  $date: '2025-09-12T17:15:00.000Z',
  value: '9007199254740993',
};

const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`model-${n}`, n / 8]));

const cleanTarget: Json = {
  user_id: 'user-1',
  thread_id: 'thread-1',
  run_id: 'run-1',
  agent_name: 'optimization',
  result_data: { report: 'two models cost the most', metrics: { cpu: 0.82, memory: 0.64 } },
  metadata: { timestamp: '2025-09-12T17:15:00.000Z', processing_time: 1.5 },
};

/** No poison at all, whatever it looks like: it must come back as it is, and nothing may be said of it. */
export const plainData: readonly Recipe[] = [
  {
    name: 'clean-target',
    shape:
      'plain data, as a healthy result should be: {user_id, thread_id, run_id, agent_name, result_data {report, metrics {cpu, memory}}, metadata {timestamp, processing_time}}',
    data: cleanTarget,
    foreign: [],
    make: () => structuredClone(cleanTarget),
  },
  {
    name: 'frozen-object',
    shape: 'a plain object {region: "eu-west", zones: ["a", "b"]} that was frozen, and its list with it',
    data: { region: 'eu-west', zones: ['a', 'b'] },
    foreign: [],
    make: () => Object.freeze({ region: 'eu-west', zones: Object.freeze(['a', 'b']) }),
  },
  {
    name: 'null-prototype-object',
    shape: 'an object {eu: "west", us: "east"} that inherits from nothing, as parsers of queries make it',
    data: { eu: 'west', us: 'east' },
    foreign: [],
    disguised: [[]],
    make: () => Object.assign(Object.create(null), { eu: 'west', us: 'east' }),
  },
  {
    name: 'tag-like-object',
    shape:
      'plain data that looks like the marks of codecs: texts under the names $type, __type__, @@tag, $ref, $date and value',
    data: tagLike,
    foreign: [],
    make: () => structuredClone(tagLike),
  },
  {
    name: 'wide-object',
    shape: 'a plain object of 1,000 numbers, model-0 to model-999, each an eighth larger than the one before',
    data: wide,
    foreign: [],
    make: () => ({ ...wide }),
  },
];
