import type { Readable, Writable } from 'node:stream';
import * as library from 'ws';

// What the library exports and its types do not say.
const { Receiver } = library as unknown as {
  readonly Receiver: new (options: { readonly isServer: boolean; readonly maxPayload: number }) => Writable;
};

/** The texts of a server's frames, as the library reads them from this stream. */
export function textsOf(stream: Readable): readonly string[] {
  const texts: string[] = [];
  const receiver = new Receiver({ isServer: false, maxPayload: 0 });
  receiver.on('message', (data: unknown) => texts.push(String(data)));
  stream.pipe(receiver);
  return texts;
}
