import nodeCrypto, { webcrypto } from 'node:crypto';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epoch, onStage, stageFor } from './globals/stage.ts';
import { replaceGlobals } from './globals.ts';
import { Kernel } from './kernel.ts';

let restore: () => void;
const before = { Date, setTimeout, setInterval, setImmediate, clearTimeout, random: Math.random };

beforeEach(() => {
  restore = replaceGlobals();
});

afterEach(() => {
  onStage.play = null;
  restore();
});

/** Plays `run` as the first event and returns what it wrote. */
async function playing(seed: number, run: (log: (what: unknown) => void) => void): Promise<unknown[]> {
  const kernel = new Kernel({
    timeLimitMs: 100_000,
    eventLimit: 10_000,
    onThrown: (thrown) => {
      throw thrown;
    },
  });
  onStage.play = stageFor(kernel, seed);
  const log: unknown[] = [];
  kernel.after(0, () => run((what) => log.push([kernel.now(), what])));
  await kernel.run(() => false);
  onStage.play = null;
  return log;
}

describe('clocks', () => {
  it('show virtual time in all their forms', async () => {
    const log = await playing(1, (write) => {
      const started = process.hrtime();
      setTimeout(() => {
        write([Date.now() - epoch, Date.parse(new Date().toISOString()) - epoch, performance.now()]);
        write([process.hrtime(started), process.hrtime.bigint(), process.uptime()]);
        write(Date() === new Date(epoch + 1500).toString());
      }, 1500);
    });
    expect(log).toEqual([
      [1500, [1500, 1500, 1500]],
      [1500, [[1, 500_000_000], 1_500_000_000n, 1.5]],
      [1500, true],
    ]);
  });

  it('leave dates what they are', () => {
    class Stamp extends Date {}
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date(2020, 1, 2)).toEqual(new before.Date(2020, 1, 2));
    expect(new Date()).toBeInstanceOf(Date);
    expect(new Stamp(5)).toBeInstanceOf(Stamp);
    expect(new Stamp(5).getTime()).toBe(5);
    expect(new Date(1).constructor).toBe(Date);
    expect(Date.UTC(1970, 0, 1)).toBe(0);
  });
});

describe('timers', () => {
  it('fire in virtual time, repeat, are undone and start anew', async () => {
    const log = await playing(1, (write) => {
      const interval = setInterval(() => {
        write('interval');
      }, 10);
      setTimeout((word: string) => write(word), 25, 'timeout');
      setTimeout(() => clearInterval(interval), 35);
      setImmediate(() => write('immediate'));
      clearTimeout(setTimeout(() => write('never'), 1));
      clearTimeout(Number(setTimeout(() => write('never either'), 1)));
      const refreshed = setTimeout(() => write('refreshed'), 20);
      setTimeout(() => refreshed.refresh(), 15);
      expect(refreshed.hasRef()).toBe(true);
      expect(refreshed.unref().hasRef()).toBe(false);
    });
    expect(log).toEqual([
      [0, 'immediate'],
      [10, 'interval'],
      [20, 'interval'],
      [25, 'timeout'],
      [30, 'interval'],
      [35, 'refreshed'],
    ]);
  });

  it('are promised too', async () => {
    const log = await playing(1, (write) => {
      void timersPromises.setTimeout(5, 'a').then(write);
      void promisify(setTimeout)(6, 'b').then(write);
      void timersPromises.scheduler.wait(7).then(() => write('c'));
      const controller = new AbortController();
      timersPromises.setTimeout(50, 'never', { signal: controller.signal }).catch((e) => write(e.name));
      setTimeout(() => controller.abort(), 8);
      void (async () => {
        for await (const tick of timersPromises.setInterval(10, 'tick')) {
          write(tick);
          if (performance.now() >= 20) return;
        }
      })();
    });
    expect(log).toEqual([
      [5, 'a'],
      [6, 'b'],
      [7, 'c'],
      [8, 'AbortError'],
      [10, 'tick'],
      [20, 'tick'],
    ]);
  });

  it('belong to the realm that set them', async () => {
    const kernel = new Kernel({ timeLimitMs: 1000, eventLimit: 1000, onThrown: () => undefined });
    onStage.play = stageFor(kernel, 1);
    const realm = { name: 'instance', alive: true };
    const ran: string[] = [];
    kernel.schedule(
      0,
      () => void Promise.resolve().then(() => setTimeout(() => ran.push('dead'), 10)),
      realm,
    );
    kernel.after(0, () => setTimeout(() => ran.push('world'), 10));
    kernel.after(5, () => {
      realm.alive = false;
    });
    await kernel.run(() => false);
    expect(ran).toEqual(['world']);
  });
});

describe('dice', () => {
  const throwAll = (write: (what: unknown) => void): void => {
    write([Math.random(), Math.random()]);
    write(nodeCrypto.randomBytes(7).toString('hex'));
    write(nodeCrypto.randomUUID());
    write(webcrypto.randomUUID());
    write(nodeCrypto.randomInt(5, 10));
    write([...webcrypto.getRandomValues(new Uint16Array(3))]);
    write([...nodeCrypto.randomFillSync(new Uint8Array(8), 2, 3)]);
    nodeCrypto.randomBytes(3, (_, bytes) => write(bytes.toString('hex')));
    nodeCrypto.randomFill(new Uint8Array(2), (_, bytes) => write([...bytes]));
  };

  it('fall the same for the same seed, and otherwise for another', async () => {
    const first = await playing(1, throwAll);
    expect(await playing(1, throwAll)).toEqual(first);
    expect(await playing(2, throwAll)).not.toEqual(first);
    expect(first).toHaveLength(9);
  });

  it('keep to their ranges and forms', async () => {
    const log = await playing(3, (write) => {
      for (let i = 0; i < 200; i++) write(nodeCrypto.randomInt(3));
      write(nodeCrypto.randomUUID());
      write([...nodeCrypto.randomFillSync(new Uint8Array(8), 2, 3)]);
    });
    const values = log.map((entry) => (entry as [number, unknown])[1]);
    expect(new Set(values.slice(0, 200))).toEqual(new Set([0, 1, 2]));
    expect(values[200]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const filled = values[201] as number[];
    expect([...filled.slice(0, 2), ...filled.slice(5)]).toEqual([0, 0, 0, 0, 0]);
  });
});

it('waits for WebCrypto before time goes on', async () => {
  const log = await playing(1, (write) => {
    setTimeout(() => write('later'), 1);
    void webcrypto.subtle.digest('SHA-256', Buffer.from('text')).then((hash) => write(hash.byteLength));
  });
  expect(log).toEqual([
    [0, 32],
    [1, 'later'],
  ]);
});

it('checks an HMAC as WebCrypto does, without leaving the thread', async () => {
  const verdicts: unknown[] = [];
  const log = await playing(1, (write) => {
    setTimeout(() => write(verdicts), 1);
    void (async () => {
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const data = Buffer.from('text');
      const key = await webcrypto.subtle.importKey('raw', Buffer.from('key'), algorithm, false, [
        'sign',
        'verify',
      ]);
      const signature = new Uint8Array(await webcrypto.subtle.sign('HMAC', key, data));
      verdicts.push(await webcrypto.subtle.verify('HMAC', key, signature, data));
      verdicts.push(await webcrypto.subtle.verify(algorithm, key, signature, Buffer.from('other')));
      verdicts.push(await webcrypto.subtle.verify('HMAC', key, signature.subarray(1), data));
      const mute = await webcrypto.subtle.importKey('raw', Buffer.from('key'), algorithm, false, ['sign']);
      await webcrypto.subtle.verify('HMAC', mute, signature, data).catch((e) => verdicts.push(e.name));
    })();
  });
  expect(log).toEqual([[1, [true, false, false, 'InvalidAccessError']]]);
});

it('refuses AbortSignal.timeout and says what to use', () => {
  expect(() => AbortSignal.timeout(5)).toThrow(/clock port/);
});

it('gives the platform back', () => {
  restore();
  expect(Date).toBe(before.Date);
  expect([setTimeout, setInterval, setImmediate, clearTimeout, Math.random]).toEqual([
    before.setTimeout,
    before.setInterval,
    before.setImmediate,
    before.clearTimeout,
    before.random,
  ]);
  expect(Math.abs(performance.timeOrigin + performance.now() - Date.now())).toBeLessThan(60_000);
});
