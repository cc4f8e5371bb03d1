import { expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { functionExecutor } from '../../src/executor/function-executor.ts';
import { resolveSurroundings } from '../../src/foundation/surroundings.ts';

it('call options that would break a call half-way are refused; nothing runs, and close() ends', async () => {
  let runs = 0;
  const wrapped = wrap(async () => ++runs);
  for (const options of [{ signal: new AbortController() }, { intendedStartMs: Number.NaN }, 7]) {
    await expect(wrapped.run(undefined, options as never)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_ARGUMENTS',
      outcome: 'rejected',
    });
  }
  expect(runs).toBe(0);
  expect(wrapped.totals()).toMatchObject({ offered: 3, outcomes: { rejected: 3 }, inFlight: 0 });
  await wrapped.close();
});

it('each call ends once, whatever its signal does when it is read, listened to, or let alone', async () => {
  const wrapped = wrap(async (n: number) => n);
  const broken = (part: 'aborted' | 'addEventListener' | 'removeEventListener') => {
    const signal = { aborted: false, addEventListener() {}, removeEventListener() {} };
    Object.defineProperty(signal, part, { get: () => (part === 'aborted' ? fail() : fail) });
    return { signal } as never;
  };
  const fail = () => {
    throw new Error('broken signal');
  };
  const refused = { code: 'ERR_SANDTUNE_ARGUMENTS', message: expect.stringContaining('broken signal') };
  await expect(wrapped.run(1, broken('aborted'))).rejects.toMatchObject(refused);
  await expect(wrapped.run(2, broken('addEventListener'))).rejects.toMatchObject(refused);
  expect(await wrapped.run(3, broken('removeEventListener'))).toBe(3);
  expect(wrapped.totals()).toMatchObject({ offered: 3, outcomes: { rejected: 2, ok: 1 }, inFlight: 0 });
  await wrapped.close();
});

it('an executor closes once, also when its own function closes it while lingering calls are sent', async () => {
  let closes = 0;
  const executor: { close(): Promise<void>; run(n: number): Promise<number> } = functionExecutor<number, number>({
    name: 'closing itself',
    load: undefined,
    spans: {},
    surroundings: resolveSurroundings(),
    queue: { maxQueue: Infinity, size: 2, lingerMs: 60_000 },
    knobs: () => [],
    runBatch: (inputs) => {
      void executor.close();
      return inputs;
    },
    close: async () => void closes++,
  });
  const call = executor.run(1);
  await executor.close();
  expect([await call, closes]).toEqual([1, 1]);
});
