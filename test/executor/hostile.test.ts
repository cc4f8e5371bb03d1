/** Values, options and signals that throw when they are read: each call settles once, and no neighbour pays for it. */
import { expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';

/** Gives `value` until it is read for the n-th time, and throws from then on. */
function throwingAt(n: number, value: unknown): PropertyDescriptor {
  let reads = 0;
  return {
    enumerable: true,
    get() {
      if (++reads >= n) throw new Error(`read ${reads} times`);
      return value;
    },
  };
}

it.each([1, 2, 3])(
  'a call whose options throw when they are read for the time %i settles and is counted',
  async (n) => {
    const values = { signal: new AbortController().signal, intendedStartMs: 1, idempotent: true };
    const wrapped = wrap(async (x: number) => x);
    for (const [key, value] of Object.entries(values)) {
      await wrapped.run(1, Object.defineProperty({}, key, throwingAt(n, value))).catch(() => {});
    }
    const signal = Object.defineProperty(
      { addEventListener() {}, removeEventListener() {} },
      'aborted',
      throwingAt(n, false),
    );
    await wrapped.run(1, { signal: signal as never }).catch(() => {});
    expect(wrapped.totals()).toMatchObject({ offered: 4, inFlight: 0 });
    await wrapped.close();
  },
);

it('a call is cancelled also when its signal throws instead of giving its reason, and tells what it threw', async () => {
  const wrapped = wrap(() => new Promise<never>(() => {}));
  let listener: (() => void) | undefined;
  const signal = {
    aborted: false,
    get reason(): unknown {
      throw new Error('no reason');
    },
    addEventListener: (_: string, given: () => void) => {
      listener = given;
    },
    removeEventListener() {},
  };
  const call = wrapped.run(undefined, { signal: signal as never });
  listener?.();
  await expect(call).rejects.toThrow('no reason');
  expect(wrapped.totals()).toMatchObject({ offered: 1, outcomes: { cancelled: 1 }, inFlight: 0 });
});

const bomb = (): { then?: never } => Object.defineProperty({}, 'then', throwingAt(1, undefined));
const twice = () => Object.defineProperty({}, 'then', throwingAt(2, undefined));

it('a result of a batch that throws when it is read fails its own call and no neighbour', async () => {
  const batches: ((inputs: number[]) => unknown[])[] = [
    (inputs) => inputs.map((n) => (n === 2 ? bomb() : n)),
    (inputs) => (inputs.length === 1 ? inputs : Object.defineProperty([...inputs], 1, throwingAt(1, 2))),
    (inputs) => inputs.map((n) => (n === 2 ? bomb() : Promise.resolve(n))),
    (inputs) => inputs.map((n) => (n === 2 ? new Proxy({}, { get: () => bomb().then }) : n)),
    (inputs) =>
      inputs.map((n) => (n === 2 ? { then: (_: unknown, reject: (e: Error) => void) => reject(new Error('no')) } : n)),
  ];
  for (const batch of batches) {
    const wrapped = wrap(batch as (inputs: number[]) => number[], { batch: { size: 3 }, concurrency: 1 });
    const ends = await Promise.allSettled([1, 2, 3, 4].map((n) => wrapped.run(n)));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(wrapped.totals()).toMatchObject({ offered: 4, outcomes: { ok: 3, trap: 1 }, inFlight: 0 });
    await wrapped.close();
  }
});

it('a result of a batch whose second reading throws settles its call, and the batch is back', async () => {
  const wrapped = wrap((inputs: number[]) => inputs.map((n) => (n === 2 ? twice() : n)), {
    batch: { size: 2 },
    concurrency: 1,
  });
  await Promise.allSettled([1, 2].map((n) => wrapped.run(n)));
  expect(await Promise.all([3, 4].map((n) => wrapped.run(n)))).toEqual([3, 4]);
  expect(wrapped.totals()).toMatchObject({ offered: 4, inFlight: 0 });
  await wrapped.close();
});

it('results of a batch that cannot be counted fail each of its calls, and the next batch runs', async () => {
  const uncountable = () => new Proxy([], { get: (_, key) => (key === 'length' ? bomb().then : undefined) });
  let fails = true;
  const wrapped = wrap((inputs: number[]) => (fails ? uncountable() : inputs), { batch: { size: 2 }, concurrency: 1 });
  const ends = await Promise.allSettled([1, 2].map((n) => wrapped.run(n)));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await wrapped.run(3)).toBe(3);
  expect(wrapped.totals()).toMatchObject({ offered: 3, outcomes: { ok: 1, trap: 2 }, inFlight: 0 });
  await wrapped.close();
});
