import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/index.ts';
import { Dispatch } from '../../src/measure/call.ts';
import { eachLevelUp } from '../foundation/stack-end.ts';
import { bench, ran } from './support.ts';

const boom = new Error('boom');

describe('a call', () => {
  it('is refused or whole wherever the stack ends, also where those before it went out one by one', async () => {
    const executor = wrap(async (n: number) => n + 1, { name: 'f', concurrency: 4 });
    for (let i = 0; i < 1500; i++) await executor.run(i);
    const made: Promise<number>[] = [];
    let refused = 0;
    eachLevelUp(() => {
      try {
        made.push(executor.run(1, made.length % 2 === 0 ? undefined : { tenant: 'a', priority: 'high' }));
      } catch {
        refused++;
      }
    });
    expect(refused).toBeGreaterThan(0);
    expect(new Set(await Promise.all(made))).toEqual(new Set([2]));
    expect(executor.totals()).toMatchObject({ offered: 1500 + made.length, inFlight: 0 });
    await executor.close();
  });

  it('a call settles once: a late end changes neither what its caller got nor the books', async () => {
    const { recorder } = bench();
    using open = recorder.openWindow();
    const [well, badly] = [recorder.offer<number>(recorder.series('f')), recorder.offer(recorder.series('f'))];
    well.ok(7);
    well.failed('lost', boom);
    well.ok(8);
    badly.failed('timeout', boom);
    badly.ok(9);
    badly.cancelled();
    expect(await well.promise).toBe(7);
    await expect(badly.promise).rejects.toBe(boom);
    const { outcomes, latency } = open.cut();
    expect(outcomes).toEqual({ ok: 1, trap: 0, timeout: 1, cancelled: 0, rejected: 0, shed: 0, lost: 0 });
    expect(latency.count).toBe(1);
    expect(recorder.totals()).toMatchObject({ offered: 2, inFlight: 0 });
  });

  it('calls that are only counted read the clock once for all of a turn, and are counted all the same', async () => {
    const { recorder, time } = bench();
    let readings = 0;
    const { now } = time.clock;
    time.clock.now = () => {
      readings++;
      return now();
    };
    recorder.books.countOnly();
    const calls = Array.from({ length: 50 }, () => recorder.offer<number>(recorder.series('f')));
    for (const [index, call] of calls.entries()) {
      call.dispatchedAt(call.offeredMs);
      if (index % 2 === 0) call.ok(index);
      else call.failed('lost', boom);
    }
    expect(readings).toBe(1);
    await Promise.allSettled(calls.map(({ promise }) => promise));
    await recorder.offer(recorder.series('f'), { signal: AbortSignal.abort(boom) }).promise.catch(() => undefined);
    expect(readings).toBeGreaterThan(1);
    expect(recorder.totals()).toMatchObject({ offered: 51, inFlight: 0, outcomes: { ok: 25, lost: 25, cancelled: 1 } });
  });

  it('a call with a fired signal or unusable options is settled when it has been offered', async () => {
    const { recorder } = bench();
    const series = recorder.series('f');
    const fired = recorder.offer(series, { signal: AbortSignal.abort(boom) });
    const wrong = recorder.offer(series, { signal: 7 as never });
    expect([fired.settled, wrong.settled]).toEqual([true, true]);
    await expect(fired.promise).rejects.toBe(boom);
    await expect(wrong.promise).rejects.toMatchObject({ code: 'ERR_SANDTUNE_ARGUMENTS', outcome: 'rejected' });
    expect(recorder.totals().outcomes).toMatchObject({ cancelled: 1, rejected: 1 });
  });

  it('a call waits from its intended start until it was last dispatched: a retry counts from the second time', () => {
    const { recorder, offer, time } = bench();
    using open = recorder.openWindow();
    const call = offer('f', { intendedStartMs: time.clock.now() - 5 });
    call.dispatched();
    time.advance(10);
    call.dispatched();
    time.advance(20);
    call.ok(1);
    const { wait, service, latency } = open.cut();
    expect([wait.sumMs, service.sumMs, latency.sumMs]).toEqual([15, 20, 35]);
  });

  it('a call that came back without ever being dispatched is taken not to have waited', () => {
    const { recorder, offer, time } = bench();
    using open = recorder.openWindow();
    const call = offer();
    time.advance(10);
    call.ok(1);
    const { wait, service } = open.cut();
    expect([wait.sumMs, service.sumMs]).toEqual([0, 10]);
  });

  it('the signal of a call reaches its owner until the call is settled, and no longer', async () => {
    const { offer } = bench();
    const [early, late] = [new AbortController(), new AbortController()];
    const heard: string[] = [];
    const following = offer('f', { signal: early.signal });
    following.listen({ aborted: (call) => (heard.push('early'), call.cancelled()) });
    const done = offer('f', { signal: late.signal });
    done.listen({ aborted: () => heard.push('late') });
    done.ok(1);
    early.abort(boom);
    late.abort(boom);
    expect(heard).toEqual(['early']);
    await expect(following.promise).rejects.toBe(boom);
  });

  it('a call that goes out alone counts as a dispatch when it comes back well or trapped, and not when it never does', () => {
    const { recorder, offer, time } = bench();
    using open = recorder.openWindow();
    for (const outcome of ['ok', 'trap', 'timeout', 'lost', 'cancelled'] as const) {
      const call = offer();
      call.dispatched();
      time.advance(10);
      if (outcome === 'ok') call.ok(1);
      else call.failed(outcome, boom);
    }
    expect(open.cut().work).toMatchObject({ batches: 2, batchedCalls: 2, batchMs: 20, executeMs: 20 });
  });

  it('a call whose caller gave up is still counted as work when it comes back', () => {
    const { recorder, offer, time } = bench();
    using open = recorder.openWindow();
    const call = offer();
    call.dispatched();
    call.failed('cancelled', boom);
    time.advance(10);
    call.ok(1, ran({ beganMs: 0, endedMs: 8, rank: 3, coldStartMs: 2 }));
    const { outcomes, work, cache, service } = open.cut();
    expect(outcomes).toMatchObject({ ok: 0, cancelled: 1 });
    expect(work).toMatchObject({ batches: 1, executeMs: 8 });
    expect(cache).toMatchObject({ misses: 1, missMs: 2 });
    expect(service.count).toBe(0);
  });
});

describe('calls that go out together', () => {
  it('calls that go out together are one dispatch, out and back at one moment each', () => {
    const { recorder, offer, time } = bench();
    using open = recorder.openWindow();
    const calls = [offer(), offer()];
    time.advance(5);
    const together = new Dispatch(recorder.books, calls);
    together.bytesIn = 12;
    time.advance(20);
    together.returned();
    for (const call of calls) {
      call.ok(1);
      time.advance(3);
    }
    const { work, wait, service, bytesIn } = open.cut();
    expect(work).toMatchObject({ batches: 1, batchedCalls: 2, batchMs: 20, executeMs: 20 });
    expect([wait.minMs, wait.maxMs, service.minMs, service.maxMs]).toEqual([5, 5, 20, 20]);
    expect(bytesIn).toBe(12);
  });

  it('calls of one dispatch that are settled before the last is back end each at its own moment', () => {
    const { recorder, offer, time } = bench();
    using open = recorder.openWindow();
    const calls = [offer(), offer()] as const;
    const together = new Dispatch(recorder.books, calls);
    time.advance(10);
    calls[0].ok(1);
    time.advance(20);
    together.returned();
    calls[1].ok(1);
    const { service, work } = open.cut();
    expect([service.minMs, service.maxMs]).toEqual([10, 30]);
    expect(work).toMatchObject({ batches: 1, batchMs: 30 });
  });

  it('a dispatch without calls is not counted', () => {
    const { recorder } = bench();
    using open = recorder.openWindow();
    new Dispatch(recorder.books, []).returned();
    expect(open.cut().work.batches).toBe(0);
  });
});

describe('a recorder', () => {
  it('quiet() of a recorder resolves once the last call in flight is settled', async () => {
    const { recorder, offer } = bench();
    await recorder.quiet();
    const [first, second] = [offer(), offer()];
    let quiet = false;
    const waiting = recorder.quiet().then(() => {
      quiet = true;
    });
    first.ok(1);
    await Promise.resolve();
    expect(quiet).toBe(false);
    second.failed('lost', boom);
    await waiting;
  });
});
