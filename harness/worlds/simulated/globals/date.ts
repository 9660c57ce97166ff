import { performance } from 'node:perf_hooks';
import { platform } from '../platform.ts';
import type { Replacements } from './replacement.ts';
import { epoch, virtualNow } from './stage.ts';

/** Replaces every way to ask what time it is. */
export function replaceClocks(replacements: Replacements): void {
  replacements.set(globalThis, 'Date', SimulatedDate);
  replacements.set(platform.Date.prototype, 'constructor', SimulatedDate);
  replacements.set(performance, 'now', virtualNow);
  replacements.set(performance, 'timeOrigin', epoch);
  replacements.set(process, 'hrtime', Object.assign(hrtime, { bigint: hrtimeBigint }));
  replacements.set(process, 'uptime', () => virtualNow() / 1000);
}

const now = (): number => epoch + Math.floor(virtualNow());

const SimulatedDate = function (this: unknown, ...args: unknown[]): unknown {
  if (new.target === undefined) return new platform.Date(now()).toString();
  const constructed = new.target === SimulatedDate ? platform.Date : new.target;
  return Reflect.construct(platform.Date, args.length === 0 ? [now()] : args, constructed);
} as unknown as DateConstructor;

Object.defineProperties(SimulatedDate, {
  name: { value: 'Date' },
  length: { value: 7 },
  prototype: { value: platform.Date.prototype },
  now: { value: now, writable: true, configurable: true },
  parse: { value: platform.Date.parse, writable: true, configurable: true },
  UTC: { value: platform.Date.UTC, writable: true, configurable: true },
});

function hrtime(since?: readonly [number, number]): [number, number] {
  const nanoseconds = Math.round(virtualNow() * 1e6) - (since === undefined ? 0 : since[0] * 1e9 + since[1]);
  return [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
}

function hrtimeBigint(): bigint {
  return BigInt(Math.round(virtualNow() * 1e6));
}
