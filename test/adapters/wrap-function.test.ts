import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf, apply, epochOf, knobOf } from './pools.ts';

/** A function whose calls end when told to. */
function held<T = number>() {
  const running: { input: T; resolve: (value: T) => void; reject: (error: unknown) => void }[] = [];
  const started: T[] = [];
  const fn = (input: T) =>
    new Promise<T>((resolve, reject) => {
      started.push(input);
      running.push({ input, resolve, reject });
    });
  const next = async () => {
    const one = running.shift();
    one?.resolve(one.input);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { fn, running, started, next };
}

describe('wrap(function)', () => {
  it('run() of a wrapped function calls it before it returns, and gives its value back', async () => {
    const seen: unknown[][] = [];
    const double = wrap(async (...all: [number, unknown]) => {
      seen.push(all);
      return all[0] * 2;
    });
    const result = double.run(21);
    expect(seen).toEqual([[21, undefined]]);
    expect(await result).toBe(42);
    expect(double.knobs).toEqual([]);
    expect(accountOf(double)).toMatchObject({ offered: 1, settled: 1, inFlight: 0, outcomes: { ok: 1 } });
  });

  it('a wrapped function that throws, at once or later, rejects its call with that very error and counts a trap', async () => {
    const boom = new TypeError('boom');
    const now = wrap((): Promise<number> => {
      throw boom;
    });
    const later = wrap(async (): Promise<number> => {
      await Promise.resolve();
      throw boom;
    });
    await expect(now.run(1)).rejects.toBe(boom);
    await expect(later.run(1)).rejects.toBe(boom);
    expect(accountOf(now).outcomes['trap']).toBe(1);
    expect(accountOf(later).outcomes['trap']).toBe(1);
  });

  it('a wrapped function is called without a `this`', async () => {
    const seen: unknown[] = [];
    function note(this: unknown): void {
      seen.push(this);
    }
    await wrap(note).run(1);
    await wrap(
      function (this: unknown, inputs: number[]) {
        note.call(this);
        return inputs;
      },
      { batch: { size: 2 } },
    ).run(1);
    expect(seen).toEqual([undefined, undefined]);
  });

  it('a window of a wrapped function holds its latency, service time and counts', async () => {
    const timed = wrap(async (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)), {
      name: 'sleep',
    });
    using open = timed.openWindow();
    await Promise.all([timed.run(5), timed.run(5)]);
    const window = open.cut();
    expect(window.offered).toBe(2);
    expect(window.outcomes.ok).toBe(2);
    expect(window.service.count).toBe(2);
    expect(window.service.minMs).toBeGreaterThan(3);
    expect(window.latency.minMs).toBeGreaterThanOrEqual(window.service.minMs * 0.9);
    expect(window.work.batchedCalls).toBe(2);
    expect(window.work.busyFraction).toBeLessThanOrEqual(1);
    expect(window.byFunction['sleep']?.outcomes.ok).toBe(2);
  });

  it('the latency of a wrapped function counts from the intended start', async () => {
    const at = wrap(async () => 1);
    using open = at.openWindow();
    await at.run(1, { intendedStartMs: performance.now() - 100 });
    const window = open.cut();
    expect(window.latency.minMs).toBeGreaterThan(99);
    expect(window.service.minMs).toBeLessThan(90);
  });
});

describe('concurrency of a wrapped function', () => {
  it('concurrency lets no more calls in than its limit, and moves both ways while calls run', async () => {
    const { fn, started, next } = held();
    const gated = wrap(fn, { concurrency: { value: 2, max: 8 } });
    const results = [1, 2, 3, 4, 5, 6, 7, 8].map((input) => gated.run(input));
    expect(started).toEqual([1, 2]);
    await apply(gated, 'concurrency', 4);
    expect(started).toEqual([1, 2, 3, 4]);
    await apply(gated, 'concurrency', 1);
    await next();
    await next();
    await next();
    expect(started).toEqual([1, 2, 3, 4]);
    await next();
    expect(started).toEqual([1, 2, 3, 4, 5]);
    await apply(gated, 'concurrency', 8);
    expect(started).toHaveLength(8);
    for (let i = 0; i < 4; i++) await next();
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('each value applied to a knob of a wrapped function begins a new epoch, the same value too', async () => {
    const gated = wrap(async (n: number) => n, { concurrency: 2 });
    await apply(gated, 'concurrency', 2);
    await apply(gated, 'concurrency', 3);
    expect(epochOf(gated)).toBe(2);
    using open = gated.openWindow();
    await gated.run(1);
    expect(open.cut()).toMatchObject({ settings: { concurrency: 3 }, steady: true });
  });

  it('concurrency refuses a value outside its domain and changes nothing', async () => {
    const gated = wrap(async (n: number) => n, { concurrency: { value: 2, min: 2, max: 4 } });
    for (const bad of [1, 5, 2.5, Number.NaN, '3', Number.POSITIVE_INFINITY]) {
      await expect(apply(gated, 'concurrency', bad)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    }
    expect(knobOf(gated, 'concurrency').read()).toEqual({ requested: 2, effective: 2 });
    expect(epochOf(gated)).toBe(0);
  });

  it('a wrapped function sheds a call when its queue is full', async () => {
    const { fn, next } = held();
    const gated = wrap(fn, { concurrency: 1, maxQueue: 1 });
    const [first, second] = [gated.run(1), gated.run(2)];
    await expect(gated.run(3)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_QUEUE_FULL',
      outcome: 'shed',
      stage: 'admit',
    });
    await next();
    await next();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(accountOf(gated)).toMatchObject({ offered: 3, settled: 3, outcomes: { ok: 2, shed: 1 } });
  });

  it("a wrapped function runs a call that had to wait in its own caller's async context", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const gated = wrap(
      async (n: number) => {
        seen.push(storage.getStore());
        await new Promise((resolve) => setImmediate(resolve));
        return n;
      },
      { concurrency: 1 },
    );
    await Promise.all(['a', 'b', 'c'].map((who) => storage.run(who, () => gated.run(1))));
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('the patch of concurrency says which line to change', () => {
    const gated = wrap(async (n: number) => n, { concurrency: 2 });
    expect(knobOf(gated, 'concurrency').patch(8)).toMatchObject({
      before: 'concurrency: 2,',
      after: 'concurrency: 8,',
    });
  });
});

describe('cancelling and closing a wrapped function', () => {
  it("a cancelled call of a wrapped function rejects with its signal's reason, before, while waiting and while running", async () => {
    const { fn, started, next } = held();
    const gated = wrap(fn, { concurrency: 1 });
    const reason = new Error('changed my mind');
    await expect(gated.run(0, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = gated.run(1, { signal: running.signal });
    const second = gated.run(2, { signal: waiting.signal });
    waiting.abort(reason);
    running.abort(reason);
    await expect(first).rejects.toBe(reason);
    await expect(second).rejects.toBe(reason);
    await next();
    expect(started).toEqual([1]);
    expect(accountOf(gated)).toMatchObject({ offered: 3, settled: 3, inFlight: 0, outcomes: { cancelled: 3 } });
  });

  it("a wrapped function is given the caller's signal", async () => {
    const wrapped = wrap((_: number, context?: { signal: AbortSignal }) => context?.signal.aborted ?? 'none');
    expect(await wrapped.run(1, { signal: new AbortController().signal })).toBe(false);
    expect(await wrapped.run(1)).toBe('none');
  });

  it('close() of a wrapped function waits for work whose caller gave up', async () => {
    const { fn, next } = held();
    const wrapped = wrap(fn);
    const gaveUp = new AbortController();
    const call = wrapped.run(1, { signal: gaveUp.signal });
    gaveUp.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    let closed = false;
    const closing = wrapped.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    await next();
    await closing;
  });

  it('close() of a wrapped function waits for calls offered before it, also for work whose caller gave up, and refuses later ones', async () => {
    const { fn, next } = held();
    const gated = wrap(fn, { concurrency: 1 });
    const gaveUp = new AbortController();
    const first = gated.run(1, { signal: gaveUp.signal });
    const second = gated.run(2);
    gaveUp.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    let closed = false;
    const closing = gated.close().then(() => {
      closed = true;
    });
    expect(gated.close()).toBe(gated.close());
    await expect(gated.run(3)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED', outcome: 'rejected' });
    await expect(apply(gated, 'concurrency', 2)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    await next();
    expect(closed).toBe(false);
    await next();
    await closing;
    expect(await second).toBe(2);
    expect(accountOf(gated)).toMatchObject({ offered: 3, settled: 3, outcomes: { ok: 1, cancelled: 1, rejected: 1 } });
  });

  it('wrap() refuses a generator function, and a call whose result is a generator fails, since its work would not be measured', async () => {
    async function* lines() {
      yield 1;
    }
    function* words() {
      yield 1;
    }
    const anything = wrap as unknown as (target: unknown) => unknown;
    for (const generator of [lines, words]) {
      expect(() => anything(generator)).toThrow(
        expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION', message: expect.stringContaining('generator') }),
      );
    }
    const one = wrap(async (kind: string) => (kind === 'lines' ? lines() : kind === 'words' ? words() : kind));
    const batch = wrap(async (inputs: number[]) => inputs.map(() => lines()), { batch: { size: 2 } });
    for (const call of [one.run('lines'), one.run('words'), batch.run(1), batch.run(2)])
      await expect(call).rejects.toMatchObject({ code: 'ERR_SANDTUNE_RESULT', outcome: 'trap', stage: 'return' });
    expect(await one.run('plain')).toBe('plain');
    await Promise.all([one.close(), batch.close()]);
  });
});
