/** Deadlines and longest waits of calls, for wrapped functions. */
import { describe, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { measured } from '../../src/executor/measured.ts';
import { ends, manual, never, turn } from './manual-function.ts';

const timeout = { code: 'ERR_SANDTUNE_DEADLINE', outcome: 'timeout', stage: 'execute' };
const shed = { code: 'ERR_SANDTUNE_MAX_WAIT', outcome: 'shed', stage: 'queue' };

describe('the deadline of a call', () => {
  it('a call ends as a timeout once its work has taken longer, and its function is told with that error', async () => {
    const { executor, signals } = manual();
    const call = executor.run(1, { deadlineMs: 50 });
    await expect(call).rejects.toMatchObject(timeout);
    expect(signals.get(1)?.reason).toMatchObject(timeout);
    expect(executor.totals()).toMatchObject({ offered: 1, outcomes: { timeout: 1 }, inFlight: 0 });
  });

  it('a deadline begins with the work and not with the wait for it', async () => {
    const { executor, finish, time, begun } = manual({ concurrency: 1 });
    const first = executor.run(1);
    const second = executor.run(2, { deadlineMs: 50 });
    time.advance(10_000);
    await turn();
    expect([begun, executor.queued]).toEqual([[1], 1]);
    finish.get(1)?.('done');
    await first;
    time.advance(49);
    finish.get(2)?.('in time');
    expect(await second).toBe('in time');
  });

  it('a call that ends in time leaves no timer, and a call of another deadline is none of its affair', async () => {
    const { executor, finish } = manual();
    const long = executor.run(1, { deadlineMs: 80_000 });
    const short = executor.run(2, { deadlineMs: 5 });
    await expect(short).rejects.toMatchObject(timeout);
    finish.get(1)?.('long');
    expect(await long).toBe('long');
  });

  it('in a batch each call has its own deadline, and the others get their results', async () => {
    const time = manualTime();
    const results = Promise.withResolvers<string>();
    const executor = wrap(async (inputs: number[]) => inputs.map(() => results.promise), {
      batch: { size: 3 },
      concurrency: 1,
      surroundings: { clock: time.clock, timers: time.timers },
    });
    const calls = [executor.run(1), executor.run(2, { deadlineMs: 20 }), executor.run(3, { deadlineMs: 80_000 })];
    await expect(calls[1]).rejects.toMatchObject(timeout);
    results.resolve('late');
    expect(await ends(calls)).toEqual(['ok', 'timeout', 'ok']);
    await executor.close();
  });

  it('an executor of measured() counts the deadline from dispatched(), where its work begins later than run', async () => {
    const time = manualTime();
    const begin = Promise.withResolvers<void>();
    const executor = measured({
      name: 'late beginner',
      surroundings: { clock: time.clock, timers: time.timers },
      run: async (_: number, call) => {
        await begin.promise;
        call.dispatched();
        return never();
      },
    });
    const call = executor.run(1, { deadlineMs: 100 });
    time.advance(60);
    begin.resolve();
    const beganMs = time.clock.now();
    await expect(call).rejects.toMatchObject(timeout);
    expect(time.clock.now() - beganMs).toBeGreaterThanOrEqual(100);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 86_400_001, '5', null])(
    'a deadline or a longest wait of %s is refused as an argument, and nothing runs (a wait may be 0)',
    async (value) => {
      const { executor, begun } = manual();
      for (const option of ['deadlineMs', 'maxWaitMs'] as const) {
        if (option === 'maxWaitMs' && value === 0) continue;
        await expect(executor.run(1, { [option]: value as number })).rejects.toMatchObject({
          code: 'ERR_SANDTUNE_ARGUMENTS',
          outcome: 'rejected',
          message: expect.stringContaining(option),
        });
      }
      expect(begun).toEqual([]);
    },
  );
});

describe('the longest wait of a call', () => {
  it('a call that still waits when its longest wait is over is shed and never begins, also behind a shut gate', async () => {
    const { executor, begun, finish } = manual({ concurrency: 1 });
    const first = executor.run(1);
    const second = executor.run(2, { maxWaitMs: 30, deadlineMs: 10 });
    const third = executor.run(3);
    await expect(second).rejects.toMatchObject(shed);
    finish.get(1)?.('done');
    await first;
    finish.get(3)?.('done');
    await third;
    expect(begun).toEqual([1, 3]);
    expect(executor.totals()).toMatchObject({ offered: 3, outcomes: { ok: 2, shed: 1 }, inFlight: 0 });
  });

  it('a call whose work has begun is not shed, however long its work takes', async () => {
    const { executor, finish, time } = manual();
    const call = executor.run(1, { maxWaitMs: 0 });
    time.advance(1000);
    for (let turns = 0; turns < 5; turns++) await turn();
    finish.get(1)?.('done');
    expect(await call).toBe('done');
  });

  it('a longest wait of 0 sheds a call that finds no place', async () => {
    const { executor } = manual({ concurrency: 1 });
    void executor.run(1);
    await expect(executor.run(2, { maxWaitMs: 0 })).rejects.toMatchObject(shed);
  });
});

describe('the place of a call whose function cannot be stopped', () => {
  it('without freeOnCancel its place is taken until the work ends; with it the next call runs at once', async () => {
    for (const freeOnCancel of [false, true]) {
      const { executor, begun, finish } = manual({ concurrency: 1, freeOnCancel });
      const stop = new AbortController();
      const calls = [executor.run(1, { signal: stop.signal }), executor.run(2, { deadlineMs: 5 }), executor.run(3)];
      stop.abort('enough');
      await expect(calls[0]).rejects.toBe('enough');
      if (freeOnCancel) await expect(calls[1]).rejects.toMatchObject(timeout);
      expect(begun).toEqual(freeOnCancel ? [1, 2, 3] : [1]);
      finish.get(1)?.('unheard');
      await turn();
      if (!freeOnCancel) await expect(calls[1]).rejects.toMatchObject(timeout);
      finish.get(2)?.('unheard');
      await turn();
      finish.get(3)?.('done');
      expect(await calls[2]).toBe('done');
      await executor.close();
    }
  });

  it('a batch gives its place with freeOnCancel when its last call has ended, and only once', async () => {
    const time = manualTime();
    const sizes: number[] = [];
    const executor = wrap(
      (inputs: number[]) => {
        sizes.push(inputs.length);
        return inputs.map((n) => (n < 0 ? never() : n));
      },
      {
        batch: { size: 2 },
        concurrency: 1,
        freeOnCancel: true,
        surroundings: { clock: time.clock, timers: time.timers },
      },
    );
    const stuck = [executor.run(-1, { deadlineMs: 10 }), executor.run(-2, { deadlineMs: 20 })];
    const next = [executor.run(3), executor.run(4), executor.run(-5, { deadlineMs: 10 }), executor.run(6)];
    expect(sizes).toEqual([2]);
    expect(await ends(stuck)).toEqual(['timeout', 'timeout']);
    expect(await ends(next)).toEqual(['ok', 'ok', 'timeout', 'ok']);
    expect(sizes).toEqual([2, 2, 2]);
    await executor.close();
  });
});

describe('what a tenant may have', () => {
  it('a function that was cancelled and works on keeps the place of its tenant, unless cancelling frees it', async () => {
    for (const freeOnCancel of [false, true]) {
      const { executor, finish, begun } = manual({ tenants: { maxRunning: 1 }, freeOnCancel });
      const abort = new AbortController();
      const first = executor.run(1, { tenant: 'a', signal: abort.signal });
      const second = executor.run(2, { tenant: 'a' });
      const other = executor.run(3, { tenant: 'b' });
      abort.abort('enough');
      await expect(first).rejects.toBe('enough');
      await turn();
      expect(begun).toEqual(freeOnCancel ? [1, 3, 2] : [1, 3]);
      for (const name of [1, 3]) finish.get(name)?.('done');
      await turn();
      finish.get(2)?.('done');
      expect(await Promise.all([second, other])).toEqual(['done', 'done']);
    }
  });

  it('a call that awaits one of its own tenant ends, though the tenant may have one at work', async () => {
    const sum = wrap(async (depth: number): Promise<number> => (depth === 0 ? 1 : 1 + (await again(depth - 1))), {
      tenants: { maxRunning: 1 },
    });
    const again = (depth: number): Promise<number> => sum.run(depth, { tenant: 'a' });
    expect(await Promise.all([again(3), again(2)])).toEqual([4, 3]);
    await sum.close();
  });
});
