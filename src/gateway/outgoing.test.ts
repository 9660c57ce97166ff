import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { settled } from '../supervisor/manual-clock.fixture.ts';
import { textsOf } from './frames.fixture.ts';
import { Outgoing } from './outgoing.ts';

describe('text messages', () => {
  it('of every size of frame come out of the library as they went in', async () => {
    const texts = ['', 'a', 'ä€😀', 'x'.repeat(125), 'y'.repeat(126), 'ö'.repeat(32_768), 'z'.repeat(65_535)];
    texts.push('w'.repeat(65_536), 'ü'.repeat(70_000));
    const { outgoing, stream } = bench();
    const received = textsOf(stream);
    for (const text of texts) outgoing.send(text);
    await expect.poll(() => received).toEqual(texts);
  });

  it('of one tick leave in one write', async () => {
    const { outgoing, writes, sent } = bench();
    outgoing.send('one');
    outgoing.send('two');
    expect([outgoing.waiting, writes()]).toEqual([6, 0]);
    await settled();
    expect([outgoing.waiting, writes(), sent()]).toEqual([0, 1, 1]);
    outgoing.send('three');
    outgoing.flush();
    expect(writes()).toBe(2);
    await settled();
    expect([writes(), sent()]).toEqual([2, 2]);
  });

  it('are dropped where the connection closed in the same tick', async () => {
    const { outgoing, writes, sent, close } = bench();
    outgoing.send('one');
    close();
    await settled();
    expect([writes(), sent(), outgoing.waiting]).toEqual([0, 1, 0]);
  });
});

function bench() {
  const stream = new PassThrough();
  let isOpen = true;
  let sent = 0;
  let writes = 0;
  const write = stream.write.bind(stream) as (chunk: Buffer, done: () => void) => boolean;
  stream.write = ((chunk: Buffer, done: () => void) => {
    writes += 1;
    return write(chunk, done);
  }) as typeof stream.write;
  const outgoing = new Outgoing(
    stream,
    () => isOpen,
    () => {
      sent += 1;
    },
  );
  const close = (): void => {
    isOpen = false;
  };
  return { outgoing, stream, close, writes: () => writes, sent: () => sent };
}
