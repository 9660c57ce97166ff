import { binary } from './classes/binary.ts';
import { builtIns } from './classes/built-ins.ts';
import { cyclesAndBounds } from './classes/cycles-and-bounds.ts';
import { errors } from './classes/errors.ts';
import { liveObjects } from './classes/live-objects.ts';
import { numbersAndNothing } from './classes/numbers-and-nothing.ts';
import { objects } from './classes/objects.ts';
import { plainData } from './classes/plain-data.ts';
import type { ValueClass } from './value-class.ts';

/** Every class of value that the table knows, by the heading under which it stands. */
export const valueClasses: ReadonlyMap<string, readonly ValueClass[]> = new Map([
  ['Plain data', plainData],
  ['Numbers and nothing', numbersAndNothing],
  ['Built-in objects', builtIns],
  ['Bytes', binary],
  ['Errors', errors],
  ['Objects that are more than data', objects],
  ['Live objects', liveObjects],
  ['Cycles and bounds', cyclesAndBounds],
]);
