import { describe, expect, it } from 'vitest';
import { startLoad } from '../../examples/demo/load.ts';

/** An executor whose calls settle when the test says so. */
function scripted() {
  const open: PromiseWithResolvers<unknown>[] = [];
  return {
    open,
    run: (): Promise<unknown> => {
      const call = Promise.withResolvers<unknown>();
      open.push(call);
      return call.promise;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('startLoad', () => {
  it('a load keeps as many calls in flight as it was asked for, and replaces each that settles', async () => {
    const { open, run } = scripted();
    const load = startLoad({ run, nextCall: () => 1, concurrency: 3 });
    expect(load.totals()).toMatchObject({ offered: 3, ok: 0, inFlight: 3 });
    open[1]?.resolve('done');
    await turn();
    expect(load.totals()).toMatchObject({ offered: 4, ok: 1, inFlight: 3 });
    for (const call of open) call.resolve('done');
    const stopped = load.stop();
    await turn();
    for (const call of open) call.resolve('done');
    expect((await stopped).inFlight).toBe(0);
  });

  it('a load stops by waiting for its calls in flight, and offers no more', async () => {
    const { open, run } = scripted();
    const load = startLoad({ run, nextCall: () => 1, concurrency: 2 });
    let stopped = false;
    const stopping = load.stop().then((totals) => {
      stopped = true;
      return totals;
    });
    open[0]?.resolve(1);
    await turn();
    expect(stopped).toBe(false);
    open[1]?.reject(new Error('gone'));
    expect(await stopping).toEqual({
      offered: 2,
      ok: 1,
      failed: { other: 1 },
      inFlight: 0,
      checked: 0,
      wrong: [],
      wrongCount: 0,
    });
    expect(open).toHaveLength(2);
    expect(await load.stop()).toEqual(await stopping);
  });

  it('a load counts failures by their outcome, and lets the event loop turn between refusals', async () => {
    let calls = 0;
    const run = async (): Promise<never> => {
      calls++;
      throw Object.assign(new Error('no'), { outcome: calls % 2 ? 'shed' : 'rejected' });
    };
    const load = startLoad({ run, nextCall: () => 1, concurrency: 4 });
    await turn();
    await turn();
    const { failed, offered } = await load.stop();
    expect(failed['shed']).toBe(failed['rejected']);
    expect(offered).toBe((failed['shed'] ?? 0) * 2);
    expect(offered).toBeLessThan(40);
  });

  it('a load checks one ok result in so many and keeps the wrong ones', async () => {
    let calls = 0;
    const run = async (call: number): Promise<number> => {
      if (++calls >= 100) await turn();
      return call * 2;
    };
    let next = 0;
    const check = (call: number, result: unknown): string | null =>
      call % 4 === 0 ? `${call} gave ${String(result)}` : null;
    const load = startLoad({ run, nextCall: () => ++next, concurrency: 1, check, checkEvery: 10 });
    while (load.totals().ok < 100) await turn();
    const totals = await load.stop();
    expect(totals.checked).toBe(Math.floor(totals.ok / 10));
    expect(totals.wrong.slice(0, 2)).toEqual(['20 gave 40', '40 gave 80']);
    expect(totals.wrongCount).toBe(Math.floor(totals.checked / 2));
  });

  it('a load checks and counts only results that can be checked', async () => {
    let next = 0;
    const seen: number[] = [];
    const load = startLoad({
      run: turn,
      nextCall: () => ++next,
      concurrency: 1,
      checkEvery: 10,
      checkable: (call) => call % 7 === 0,
      check: (call) => {
        seen.push(call);
        return null;
      },
    });
    while (load.totals().ok < 50) await turn();
    const { checked } = await load.stop();
    expect(seen.slice(0, 3)).toEqual([14, 28, 42]);
    expect(checked).toBe(seen.length);
  });
});
