import { parentPort } from 'node:worker_threads';
import { serveRoom } from '../execution/places/inside-room.ts';

const port = parentPort;
if (port === null) throw new Error('room-thread is started as a worker thread by rooms.ts');
const hear = serveRoom({ tell: (text) => port.postMessage(text) });
port.on('message', (text: string) => hear(text));
