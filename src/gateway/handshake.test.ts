import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorCode } from '../errors.ts';
import { closeCodeOf } from './close-code.ts';
import {
  createHandshake,
  type Handshake,
  type HandshakeEvent,
  type HandshakeState,
  transitions,
  waysOut,
} from './handshake.ts';
import { statusOf } from './http-status.ts';

const onward = ['front_passed', 'token_passed', 'services_passed', 'welcomed'] as const;
const events: readonly HandshakeEvent[] = [...onward, 'refused', 'gone'];
const states = Object.keys(transitions) as HandshakeState[];

/** A handshake in a state, brought there by the events that lead to it. */
function inState(state: HandshakeState, bounds = { messages: 64, bytes: 1_000 }): Handshake<number> {
  const handshake = createHandshake<number>(bounds);
  if (state === 'closed') {
    handshake.enter('gone');
    return handshake;
  }
  for (const event of onward) if (handshake.state !== state && state !== 'closing') handshake.enter(event);
  if (state === 'closing') {
    for (const event of onward) handshake.enter(event);
    handshake.refuse('INTERNAL');
  }
  return handshake;
}

describe.each(states)('a connection that is %s', (state) => {
  it.each(events)('does with %s what the table says, and nothing else', (event) => {
    const handshake = inState(state);
    expect(handshake.state).toBe(state);
    const next = transitions[state][event];
    if (event === 'refused') {
      expect(handshake.refuse('INTERNAL')).toBe(next === undefined ? null : 'INTERNAL');
      expect(handshake.state).toBe(next ?? state);
    } else if (next === undefined) {
      expect(() => handshake.enter(event)).toThrow(state);
      expect(handshake.state).toBe(state);
    } else {
      handshake.enter(event);
      expect(handshake.state).toBe(next);
    }
  });

  it('processes messages when it is ready and never before', () => {
    const early = ['connecting', 'accepted', 'authenticated', 'services_ready'].includes(state);
    expect(inState(state).receive(1, 10)).toBe(early ? 'kept' : state === 'ready' ? 'process' : 'ignored');
  });

  it('goes under codes that the table has for it, and under INTERNAL for any other', () => {
    if (transitions[state].refused === undefined) return expect(waysOut[state]).toEqual({});
    for (const code of Object.keys(catalogue) as ErrorCode[])
      expect(inState(state).refuse(code)).toBe(waysOut[state][code] === undefined ? 'INTERNAL' : code);
  });
});

it('tells every way out by a status or a close code that is meant for it', () => {
  for (const state of states) {
    for (const code of Object.keys(waysOut[state]) as ErrorCode[]) {
      if (code === 'INTERNAL') continue;
      if (transitions[state].refused === 'closed') expect([code, statusOf(code)]).not.toEqual([code, 500]);
      else expect([code, closeCodeOf(code)]).not.toEqual([code, 1011]);
    }
  }
});

describe('what comes early', () => {
  it('is kept in order, up to its number, and handed out once', () => {
    const handshake = inState('authenticated');
    const fates = Array.from({ length: 65 }, (_, index) => handshake.receive(index, 1));
    expect(fates.slice(0, 64).every((fate) => fate === 'kept')).toBe(true);
    expect(fates[64]).toBe('too-many');
    handshake.enter('services_passed');
    handshake.enter('welcomed');
    expect(handshake.takeEarly()).toEqual(Array.from({ length: 64 }, (_, index) => index));
    expect(handshake.takeEarly()).toEqual([]);
    expect(handshake.receive(99, 1)).toBe('process');
  });

  it('is kept up to its bytes', () => {
    const handshake = inState('authenticated', { messages: 64, bytes: 100 });
    expect([60, 41, 40, 1].map((bytes) => handshake.receive(0, bytes))).toEqual([
      'kept',
      'too-many',
      'kept',
      'too-many',
    ]);
  });

  it('is forgotten when the connection goes', () => {
    const handshake = inState('authenticated');
    handshake.receive(1, 1);
    handshake.refuse('INTERNAL');
    expect(handshake.takeEarly()).toEqual([]);
  });
});
