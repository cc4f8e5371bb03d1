import { describe, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import type { Knob, SettingValue } from '../../src/contracts.ts';
import { measured } from '../../src/executor/measured.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';

function knobOf(executor: { readonly knobs: readonly Knob[] }, id: string): Knob<SettingValue> {
  return executor.knobs.find((knob) => knob.id === id) as Knob<SettingValue>;
}

function fail(): never {
  throw new Error('cannot say');
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('measured()', () => {
  it('measured() runs calls, and gives each the settings of its knobs, of any type', async () => {
    await using executor = measured({
      name: 'pack',
      knobs: {
        codec: { domain: ['gzip', 'brotli'], value: 'gzip' },
        streaming: { domain: [false, true], value: false },
        level: { domain: { min: 1, max: 9, scale: 'linear', integer: true }, value: 6 },
      },
      run: (input: string, { settings }) => `${input}.${settings.codec}.${settings.level}.${settings.streaming}`,
    });
    expect(await executor.run('a')).toBe('a.gzip.6.false');
    await knobOf(executor, 'codec').apply('brotli');
    await knobOf(executor, 'streaming').apply(true);
    using window = executor.openWindow();
    expect(await executor.run('b')).toBe('b.brotli.6.true');
    expect(window.cut()).toMatchObject({
      steady: true,
      epoch: 2,
      outcomes: { ok: 1 },
      settings: { codec: 'brotli', streaming: true, level: 6 },
      byFunction: { pack: { outcomes: { ok: 1 } } },
    });
    expect(executor.totals()).toMatchObject({ offered: 2, outcomes: { ok: 2 }, inFlight: 0 });
    expect(knobOf(executor, 'codec')).toMatchObject({ defaultValue: 'gzip', interference: 'executor' });
    expect(knobOf(executor, 'codec').patch('brotli')).toMatchObject({
      before: '',
      after: "knobs: { codec: { value: 'brotli' } },",
    });
  });

  it('a call of measured() that runs keeps the settings it began with', async () => {
    const go = Promise.withResolvers<void>();
    await using executor = measured({
      name: 'slow',
      knobs: { mode: { domain: ['a', 'b'], value: 'a' } },
      run: async (_: undefined, { settings }) => {
        await go.promise;
        return settings.mode;
      },
    });
    const call = executor.run(undefined);
    await knobOf(executor, 'mode').apply('b');
    go.resolve();
    expect(await call).toBe('a');
    expect(await executor.run(undefined)).toBe('b');
  });

  it('a knob of measured() is at its new value only once `set` has put it in force', async () => {
    const set = Promise.withResolvers<void>();
    const asked: boolean[] = [];
    await using executor = measured({
      name: 'switch',
      knobs: {
        fast: {
          domain: [false, true],
          value: false,
          set: (value) => {
            asked.push(value);
            return set.promise;
          },
        },
      },
      run: (_: undefined, { settings }) => settings.fast,
    });
    const moving = knobOf(executor, 'fast').apply(true);
    await turn();
    expect([asked, await executor.run(undefined)]).toEqual([[true], false]);
    using window = executor.openWindow();
    set.resolve();
    await moving;
    expect(await executor.run(undefined)).toBe(true);
    // What was offered while it moved belongs to neither value.
    expect(window.cut().steady).toBe(false);
  });

  it('a knob of measured() stays where it was when its value cannot be set', async () => {
    await using executor = measured({
      name: 'switch',
      knobs: {
        fast: {
          domain: [false, true],
          value: false,
          set: () => {
            throw new Error('no room');
          },
        },
      },
      run: (_: undefined, { settings }) => settings.fast,
    });
    await expect(knobOf(executor, 'fast').apply(true)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_KNOB',
      message: 'fast: expected to move to true, got: no room',
    });
    expect(await executor.run(undefined)).toBe(false);
    using window = executor.openWindow();
    expect(window.cut().settings).toEqual({ fast: false });
  });

  it('knobs of measured() stand at the values they were given, whatever their get() says', async () => {
    const knob = { domain: [1, 2], value: 1 } as const;
    await using executor = measured({
      name: 'lying',
      knobs: { lies: { ...knob, get: () => 7 as 1 }, broken: { ...knob, get: fail } },
      run: (_: undefined, { settings }) => settings,
    });
    using window = executor.openWindow();
    expect(window.cut().settings).toEqual({ lies: 1, broken: 1 });
    await knobOf(executor, 'broken').apply(2);
    expect(await executor.run(undefined)).toEqual({ lies: 1, broken: 2 });
    expect(knobOf(executor, 'lies').read()).toEqual({ requested: 1, effective: 7 });
    expect(() => knobOf(executor, 'broken').read()).toThrow('cannot say');
  });

  it('measured() takes knobs of any name', async () => {
    await using executor = measured({
      name: 'named',
      knobs: { ['__proto__']: { domain: [1, 2], value: 1 }, constructor: { domain: [1, 2], value: 1 } } as never,
      run: (_: undefined, { settings }) => Object.entries(settings),
    });
    await knobOf(executor, '__proto__').apply(2);
    const settings = [
      ['__proto__', 2],
      ['constructor', 1],
    ];
    expect(await executor.run(undefined)).toEqual(settings);
    using window = executor.openWindow();
    expect(Object.entries(window.cut().settings)).toEqual(settings);
  });

  it("a user's keepWarm is refused when it resolves with no function, and the one it resolves with is awaited", async () => {
    const order: string[] = [];
    const warmed: unknown[] = [() => order.push('at once'), async () => void order.push('later'), 5];
    await using executor = measured({
      name: 'warming',
      knobs: { a: { domain: [1, 2], value: 1, keepWarm: (() => warmed.shift()) as never } },
      run: () => 1,
    });
    for (const _ of [1, 2]) await (await knobOf(executor, 'a').keepWarm(1, 2))[Symbol.asyncDispose]();
    expect(order).toEqual(['at once', 'later']);
    await expect(knobOf(executor, 'a').keepWarm(1, 2)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_KNOB',
      message: expect.stringContaining('what knobs.a.keepWarm resolves with: expected a function, got 5'),
    });
  });

  it.each([
    ['throws', () => fail()],
    ['is not a number', () => Number.NaN],
  ])('measured() counts one worker when counting them %s', async (_, workers: () => number) => {
    const time = manualTime();
    const go = Promise.withResolvers<void>();
    await using executor = measured({
      name: 'uncounted',
      surroundings: time.surroundings,
      workers,
      run: () => go.promise,
    });
    using window = executor.openWindow();
    const call = executor.run(undefined);
    time.advance(100);
    expect(window.cut().work.busyFraction).toBe(1);
    go.resolve();
    await call;
  });

  it('time before dispatched() counts as waiting', async () => {
    const time = manualTime();
    await using executor = measured({
      name: 'queueing',
      surroundings: time.surroundings,
      run: async (_: undefined, call) => {
        time.advance(20);
        call.dispatched();
        time.advance(5);
      },
    });
    using window = executor.openWindow();
    await executor.run(undefined);
    const { wait, service } = window.cut();
    expect([wait.sumMs, service.sumMs]).toEqual([20, 5]);
  });

  it('an error counts as its outcome says, and as a trap where it has none', async () => {
    await using executor = measured({
      name: 'refusing',
      run: (error: Error): never => {
        throw error;
      },
    });
    const full = new SandtuneError('ERR_SANDTUNE_QUEUE_FULL', 'full', { outcome: 'shed', stage: 'queue' });
    await expect(executor.run(full)).rejects.toBe(full);
    await expect(executor.run(new Error('boom'))).rejects.toThrow('boom');
    expect(executor.totals().outcomes).toMatchObject({ shed: 1, trap: 1 });
  });

  it('an error that cannot be read, or has an unknown outcome, counts as a trap', async () => {
    const unreadable = new Proxy(Object.create(null), {
      get: () => {
        throw new Error('not to be read');
      },
    });
    const odd = Object.assign(new SandtuneError('ERR_SANDTUNE_TRAP', 'odd'), { outcome: 'melted' });
    const halfRead = Object.defineProperty(new SandtuneError('ERR_SANDTUNE_TRAP', 'half'), 'outcome', {
      get: () => {
        throw new Error('not to be read');
      },
    });
    await using executor = measured({
      name: 'throwing',
      run: (error: unknown): never => {
        throw error;
      },
    });
    for (const thrown of [unreadable, odd, halfRead]) {
      const [end] = await Promise.allSettled([executor.run(thrown)]);
      expect(end.status === 'rejected' && end.reason === thrown).toBe(true);
    }
    expect(executor.totals()).toMatchObject({ offered: 3, outcomes: { trap: 3 }, inFlight: 0 });
  });

  it('an executor of measured() is as busy as its workers are', async () => {
    const time = manualTime();
    const go = Promise.withResolvers<void>();
    await using executor = measured({
      name: 'pool',
      surroundings: time.surroundings,
      workers: () => 4,
      run: () => go.promise,
    });
    using window = executor.openWindow();
    const calls = Promise.all([executor.run(undefined), executor.run(undefined)]);
    time.advance(100);
    expect(window.cut().work.busyFraction).toBe(0.5);
    go.resolve();
    await calls;
    time.advance(100);
    expect(window.cut().work.busyFraction).toBe(0);
  });

  it('close() of measured() closes what it was built on once, after the last call has ended', async () => {
    const order: string[] = [];
    const go = Promise.withResolvers<void>();
    const executor = measured({
      name: 'closing',
      run: async () => {
        await go.promise;
        order.push('ran');
      },
      close: () => void order.push('closed'),
    });
    const call = executor.run(undefined);
    const closing = [executor.close(), executor.close()];
    await expect(executor.run(undefined)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    go.resolve();
    await Promise.all([call, ...closing]);
    expect(order).toEqual(['ran', 'closed']);
  });

  it('windows() of measured() yields a window about every interval, until it is aborted', async () => {
    const stop = new AbortController();
    await using executor = measured({ name: 'watched', run: async (n: number) => n });
    const seen: number[] = [];
    const call = setInterval(() => void executor.run(1), 1);
    for await (const { outcomes } of executor.windows(20, { signal: stop.signal })) {
      seen.push(outcomes.ok);
      if (seen.length === 3) stop.abort();
    }
    clearInterval(call);
    expect(seen).toHaveLength(3);
    expect(seen.some((ok) => ok > 0)).toBe(true);
  });

  it("a domain and the moves of a knob stay what they were when the executor was made, whatever becomes of the user's own", async () => {
    const codecs = ['gzip', 'brotli'];
    const range = { min: 1, max: 8, scale: 'log', integer: true } as const;
    const moves = { up: 'live', down: 'live' } as const;
    const knobs = { codec: { domain: codecs, value: 'gzip', moves }, size: { domain: range, value: 1 } };
    await using executor = measured({ name: 'kept', knobs, run: () => 1 });
    codecs.push('zstd');
    Object.assign(range, { max: 1e6 });
    Object.assign(moves, { up: 'restart' });
    const [codec, size] = executor.knobs as readonly [Knob<SettingValue>, Knob];
    expect(codec).toMatchObject({ domain: ['gzip', 'brotli'], moves: { up: 'live', down: 'live' } });
    expect(size.domain).toMatchObject({ max: 8 });
    await expect(codec.apply('zstd')).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    expect(() => (codec.domain as string[]).push('zstd')).toThrow(TypeError);
  });

  it('the recorder of an executor cannot be reached from outside', () => {
    const executor = measured({ name: 'private', run: () => 1 });
    expect(Object.keys(executor).toSorted()).toEqual(['knobs', 'load', 'name']);
  });
});
