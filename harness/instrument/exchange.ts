import type { Json } from '../../src/json.ts';
import type { EventDraft, Poisoned } from '../history.ts';
import type { MessageDraft } from '../message.ts';
import { isMisbehaviour, type Misbehaviour } from '../misbehaviour.ts';
import { codeOfThrown } from './code-of-thrown.ts';
import type { InsideHost } from './inside-host.ts';
import { plainCopy } from './plain-copy.ts';
import { poison } from './poison.ts';

/** One request and its reply on an in-process wire. */
export interface Exchange {
  readonly wire: 'agent' | 'tool';
  readonly kind: string;
  readonly user: string;
  readonly run: string;
  readonly signal: AbortSignal;
  carryOut(): Promise<unknown>;
  /** What an agent does in place of its work. */
  misbehave?(fate: Misbehaviour): Promise<unknown>;
  asked(): EventDraft;
  returned(clean: Json, poisoned: readonly Poisoned[]): EventDraft;
  failed(code: string): EventDraft;
}

/** Records both messages, and has done to them what the play's director says. */
export async function exchange(host: InsideHost, on: Exchange): Promise<unknown> {
  host.record(on.asked());
  const request = await host.meet(draftOf(on, 'request'));
  if (request.fate.do === 'fail') {
    host.fired(request.meeting);
    host.record(on.failed(request.fate.error));
    throw named(request.fate.error);
  }
  if (on.misbehave !== undefined && isMisbehaviour(request.fate)) {
    host.fired(request.meeting);
    return on.misbehave(request.fate);
  }
  host.passed(request.meeting);
  let result: unknown;
  try {
    result = await on.carryOut();
  } catch (thrown) {
    host.record(on.failed(codeOfThrown(thrown)));
    throw thrown;
  }
  const reply = await host.meet(draftOf(on, 'reply'));
  const { fate } = reply;
  if (fate.do === 'drop') {
    host.fired(reply.meeting);
    return untilAborted(on.signal);
  }
  const clean = plainCopy(result);
  if (fate.do === 'swell') {
    host.fired(reply.meeting);
    result = swollen(result, fate.bytes);
  }
  if (!clean.plain) {
    host.record(on.failed('NOT_PLAIN'));
    host.passed(reply.meeting);
    return result;
  }
  const put =
    reply.poison.length === 0
      ? null
      : poison(structuredClone(clean.json), reply.poison, (poisoned, code) =>
          host.record(ranOf(on, poisoned, code)),
        );
  for (const { index } of put?.poisoned ?? []) host.poisoned(reply.meeting, index);
  host.record(on.returned(clean.json, put?.poisoned.map(({ poisoned }) => poisoned) ?? []));
  host.passed(reply.meeting);
  return put === null || put.poisoned.length === 0 ? result : put.result;
}

/** The same, and text that nobody asked for beside it. */
function swollen(result: unknown, bytes: number): unknown {
  const ballast = 'x'.repeat(bytes);
  return typeof result === 'object' && result !== null && !Array.isArray(result)
    ? { ...result, ballast }
    : [result, ballast];
}

function draftOf(on: Exchange, direction: 'request' | 'reply'): MessageDraft {
  return { wire: on.wire, direction, user: on.user, run: on.run, kind: on.kind };
}

function ranOf(on: Exchange, { path, recipe }: Poisoned, code: string): EventDraft {
  const actor = `${on.wire}:${on.kind}`;
  const about = { actor, user: on.user, run: on.run, producer: on.kind };
  return { type: 'foreign-code-ran', ...about, path, recipe, code };
}

function named(error: string): Error {
  const thrown = new Error(error);
  thrown.name = error;
  return thrown;
}

/** Never settles but by the signal. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
