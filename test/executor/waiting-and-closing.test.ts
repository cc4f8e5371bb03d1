/** What waits, how it is let go, and how an executor closes within a bound, for wrapped functions. */
import { describe, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { measured } from '../../src/executor/measured.ts';
import { ends, manual, never, turn } from './manual-function.ts';

describe('calls that wait', () => {
  it('queued counts them, needsDrain tells when as many wait as run at once, and drained() waits until none does', async () => {
    const { executor, finish } = manual({ concurrency: 2 });
    const calls = [1, 2, 3].map((n) => executor.run(n));
    expect([executor.queued, executor.needsDrain]).toEqual([1, false]);
    calls.push(executor.run(4));
    expect([executor.queued, executor.needsDrain]).toEqual([2, true]);
    let isDrained = false;
    const drained = executor.drained().then(() => {
      isDrained = true;
    });
    finish.get(1)?.('done');
    await calls[0];
    await turn();
    expect([executor.queued, isDrained]).toEqual([1, false]);
    finish.get(2)?.('done');
    await drained;
    expect([executor.queued, executor.needsDrain]).toEqual([0, false]);
  });

  it('a producer that heeds needsDrain loses no call to a full queue, also where no call may wait', async () => {
    for (const maxQueue of [0, 1, 5]) {
      const executor = wrap(async (n: number) => turn().then(() => n), { concurrency: 2, maxQueue });
      const calls: Promise<number>[] = [];
      for (let n = 0; n < 40; n++) {
        if (executor.needsDrain) await executor.drained();
        calls.push(executor.run(n));
      }
      expect(new Set(await ends(calls))).toEqual(new Set(['ok']));
      await executor.close();
    }
  });

  it('clear() cancels those that wait with its reason, or one of its own, and lets those that run go on', async () => {
    const { executor, finish, begun } = manual({ concurrency: 1 });
    const calls = [1, 2, 3].map((n) => executor.run(n));
    expect(executor.clear('shutting down')).toBe(2);
    const last = executor.run(4);
    expect([executor.clear(), executor.clear()]).toEqual([1, 0]);
    await expect(last).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CANCELLED', outcome: 'cancelled', stage: 'queue' });
    finish.get(1)?.('done');
    expect(await ends(calls)).toEqual(['ok', 'shutting down', 'shutting down']);
    expect(begun).toEqual([1]);
    expect(executor.totals()).toMatchObject({ offered: 4, outcomes: { ok: 1, cancelled: 3 }, inFlight: 0 });
  });

  it.each([null, 0, '', false])('clear(%j) rejects with just that', async (reason) => {
    const { executor, finish } = manual({ concurrency: 1 });
    const calls = [1, 2].map((n) => executor.run(n));
    executor.clear(reason);
    finish.get(1)?.('done');
    const [, cleared] = await Promise.allSettled(calls);
    expect(cleared).toEqual({ status: 'rejected', reason });
  });

  it('clear() during close() leaves close() only the calls that run', async () => {
    const { executor, finish } = manual({ concurrency: 1 });
    const calls = [1, 2].map((n) => executor.run(n));
    const closing = executor.close();
    expect(executor.clear('enough')).toBe(1);
    finish.get(1)?.('done');
    await closing;
    expect(await ends(calls)).toEqual(['ok', 'enough']);
  });

  it('a call that clears, closes or cancels while it begins breaks nothing', async () => {
    const stop = new AbortController();
    const executor: { clear(): number; close(): Promise<void>; run: (n: number, options?: object) => Promise<number> } =
      wrap(
        async (n: number) => {
          if (n === 1) stop.abort('inside');
          executor.clear();
          void executor.close();
          return n;
        },
        { concurrency: 1 },
      );
    const calls = [executor.run(1, { signal: stop.signal }), executor.run(2)];
    expect(await ends(calls)).toEqual(['inside', 'rejected']);
    await executor.close();
  });
});

describe('close() within a bound', () => {
  it('calls that have not ended then are cancelled, those that wait never begin, and the function is told', async () => {
    const { executor, begun, signals } = manual({ concurrency: 1 });
    const calls = [executor.run(1, { deadlineMs: 80_000 }), executor.run(2)];
    const drained = executor.drained();
    await executor.close({ withinMs: 100 });
    const cancelled = { code: 'ERR_SANDTUNE_CANCELLED', outcome: 'cancelled' };
    await expect(calls[0]).rejects.toMatchObject({ ...cancelled, stage: 'execute' });
    await expect(calls[1]).rejects.toMatchObject({ ...cancelled, stage: 'queue' });
    expect(begun).toEqual([1]);
    expect(signals.get(1)?.reason).toMatchObject(cancelled);
    expect(executor.totals()).toMatchObject({ offered: 2, outcomes: { cancelled: 2 }, inFlight: 0 });
    await drained;
  });

  it('of several bounds the one that passes first holds, and each close() gives the same promise', async () => {
    const { executor, time } = manual();
    const call = executor.run(1);
    const closing = executor.close();
    expect(executor.close({ withinMs: 80_000 })).toBe(closing);
    expect(executor.close({ withinMs: 50 })).toBe(closing);
    expect(executor.close({ withinMs: 60_000 })).toBe(closing);
    await closing;
    expect(await ends([call])).toEqual(['cancelled']);
    expect(time.clock.now()).toBe(50);
    await executor.close({ withinMs: 5 });
  });

  it('calls that end in time are not cancelled, and no timer is left', async () => {
    const { executor, finish } = manual();
    const call = executor.run(1);
    const closing = executor.close({ withinMs: 80_000 });
    finish.get(1)?.('done');
    await closing;
    expect(await call).toBe('done');
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null])(
    'a bound of %s is refused, and nothing is closed',
    async (withinMs) => {
      const { executor, finish } = manual();
      const refused = { code: 'ERR_SANDTUNE_OPTION', message: expect.stringContaining('withinMs') };
      await expect(executor.close({ withinMs: withinMs as number })).rejects.toMatchObject(refused);
      await expect(executor.close({ within: 5 } as never)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
      const call = executor.run(1);
      finish.get(1)?.('open');
      expect(await call).toBe('open');
    },
  );

  it('code of others that does not let go makes close() reject within a bound', async () => {
    const time = manualTime();
    const executor = measured({
      name: 'never closes',
      surroundings: { clock: time.clock, timers: time.timers },
      run: (n: number) => n,
      close: never,
    });
    await executor.run(1);
    await expect(executor.close({ withinMs: 10 })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_CLOSED',
      message: expect.stringContaining('let go within 1.00 s'),
    });
  });
});
