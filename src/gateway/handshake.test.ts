import { expect, it } from 'vitest';
import { Handshake } from './handshake.ts';

it('keeps what comes early, in order, up to its bound, and never processes it early', () => {
  const handshake = new Handshake<number>(64);
  const fates = Array.from({ length: 65 }, (_, index) => handshake.receive(index));
  expect(fates.slice(0, 64).every((fate) => fate === 'kept')).toBe(true);
  expect(fates[64]).toBe('too-many');
  handshake.enter('authenticated');
  handshake.enter('ready');
  expect(handshake.takeEarly()).toEqual(Array.from({ length: 64 }, (_, index) => index));
  expect(handshake.takeEarly()).toEqual([]);
  expect(handshake.receive(99)).toBe('process');
});

it('goes one way only', () => {
  const handshake = new Handshake<number>(1);
  expect(() => handshake.enter('ready')).toThrow('connecting');
  handshake.enter('authenticated');
  handshake.enter('closing');
  expect(handshake.receive(1)).toBe('ignored');
  expect(() => handshake.enter('ready')).toThrow('closing');
  handshake.enter('closed');
  expect(() => handshake.enter('closing')).toThrow('closed');
});
