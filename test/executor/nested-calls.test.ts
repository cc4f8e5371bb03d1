import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import type { Executor } from '../../src/contracts.ts';

/** Counts itself in while it runs. */
function counter() {
  const seen = { now: 0, most: 0 };
  return {
    seen,
    async while<T>(work: () => Promise<T>): Promise<T> {
      seen.most = Math.max(seen.most, ++seen.now);
      try {
        return await work();
      } finally {
        seen.now--;
      }
    },
  };
}

it('calls that await calls of their own executor end, though all of its places are had by callers', async () => {
  const sum: Executor<number, number> = wrap(
    async (depth: number): Promise<number> =>
      depth === 0 ? 1 : (await sum.run(depth - 1)) + (await sum.run(depth - 1)),
    { concurrency: 2 },
  );
  expect(await Promise.all([sum.run(3), sum.run(3), sum.run(3)])).toEqual([8, 8, 8]);
  await sum.close();
});

it('a call lends its place to one of its calls at a time, so that no more work than the limit says', async () => {
  const leaves = counter();
  const tree: Executor<number, number> = wrap(
    async (branches: number): Promise<number> => {
      if (branches === 0) return leaves.while(() => new Promise((resolve) => setTimeout(resolve, 1, 1)));
      const counts = await Promise.all(Array.from({ length: branches }, () => tree.run(0)));
      return counts.length;
    },
    { concurrency: 3 },
  );
  expect(await Promise.all(Array.from({ length: 5 }, () => tree.run(6)))).toEqual([6, 6, 6, 6, 6]);
  expect(leaves.seen.most).toBe(3);
  await tree.close();
});

it('a call that awaits none of its calls opens the gate to none of them once it has ended', async () => {
  const work = counter();
  const made: Promise<unknown>[] = [];
  const crawl: Executor<number, void> = wrap(
    (depth: number) =>
      work.while(async () => {
        for (let link = 0; depth > 0 && link < 10; link++) made.push(crawl.run(depth - 1));
      }),
    { concurrency: 1 },
  );
  await crawl.run(2);
  while (made.length > 0) await Promise.all(made.splice(0));
  // Of 111 calls: each that has lent its place counts until it has ended, a moment after.
  expect(work.seen.most).toBeLessThanOrEqual(3);
  await crawl.close();
});

it('a call that waits to borrow a place can be cancelled, and the next one borrows it', async () => {
  const gone = new AbortController();
  const outer: Executor<string, unknown> = wrap(
    async (kind: string): Promise<unknown> => {
      if (kind !== 'outer') return kind;
      const [first, second, third] = [
        outer.run('first'),
        outer.run('second', { signal: gone.signal }),
        outer.run('third'),
      ];
      gone.abort(new Error('no more'));
      return Promise.allSettled([first, second, third]);
    },
    { concurrency: 1 },
  );
  expect(await outer.run('outer')).toMatchObject([
    { value: 'first' },
    { reason: { message: 'no more' } },
    { value: 'third' },
  ]);
  await outer.close();
});

it('a batch runs in the async context of wrap(), whoever filled it and however it left', async () => {
  const context = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const batches = context.run('wrap', () =>
    wrap(
      async (inputs: number[]) => {
        seen.push(context.getStore());
        await Promise.resolve();
        seen.push(context.getStore());
        return inputs;
      },
      { batch: { size: 2, lingerMs: 1 }, concurrency: 1 },
    ),
  );
  const call = (name: string) => context.run(name, () => batches.run(1));
  // Full at once, behind the gate, and part-filled after the linger.
  await Promise.all([call('a'), call('b'), call('c'), call('d'), call('e')]);
  expect(seen).toEqual(Array.from({ length: 6 }, () => 'wrap'));
  await batches.close();
});
