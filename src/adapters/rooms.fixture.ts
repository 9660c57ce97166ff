import { openSync } from 'node:fs';
import { systemRooms } from './rooms.ts';

/*
 * Opens one process for an agent and says the first thing that is told of it. `without-descriptors`: once all of
 * them are taken, which only a process with few can do.
 */
if (process.argv[2] === 'without-descriptors') {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {}
}
const room = systemRooms().open(
  'child',
  { memoryBytes: 512 * 1024 * 1024, messageBytes: 1024 },
  {
    heard: (text) => {
      process.stdout.write(text);
      room.end();
    },
    gone: (why) => process.stdout.write(JSON.stringify(why)),
  },
);
room.tell('{"do":"settle","call":1,"value":"to nobody"}');
