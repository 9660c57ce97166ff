import { openSync } from 'node:fs';
import { systemRooms } from './rooms.ts';

/*
 * Opens a process for an agent once all descriptors are taken, which only a process with few of them can do, and
 * says what is told of it.
 */
const descriptors: number[] = [];
try {
  for (;;) descriptors.push(openSync('/dev/null', 'r'));
} catch {}
const room = systemRooms([]).open(
  'child',
  { memoryBytes: 2 ** 26, messageBytes: 2 ** 20 },
  {
    heard: () => {},
    gone: (why) => process.stdout.write(`${JSON.stringify(why)}\n`),
  },
);
room.tell('to nobody');
