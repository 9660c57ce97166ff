import { realVersion } from '../../redis/real-server.fixture.ts';
import { cleanCase } from '../conformance-cases.ts';
import { createRealWorld } from './world.ts';

// A run that plays until it is killed, and says when it is in the middle of it: for tests.
const hasRedisServer = realVersion() !== null;
const world = await createRealWorld({ redis: hasRedisServer ? 'process' : 'embedded' });
await world.play(cleanCase());
process.stdout.write('playing\n');
for (;;) await world.play(cleanCase());
