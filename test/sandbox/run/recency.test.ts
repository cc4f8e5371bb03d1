import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Recency } from '../../../src/sandbox/run/recency.ts';

it('a use tells how many other keys were used since the same one, however often all of them were used', () => {
  const uses = fc.record({
    keyCount: fc.integer({ min: 1, max: 300 }),
    // Few bits of chance make thousands of uses: near ones, far ones, and runs over all keys.
    step: fc.nat(5000),
    near: fc.nat(20),
  });
  fc.assert(
    fc.property(uses, ({ keyCount, step, near }) => {
      const recency = new Recency(keyCount);
      const list: number[] = [];
      for (let i = 0; i < 3000; i++) {
        const key = (i % 3 === 0 ? i * step : (i % (near + 1)) + (i >> 9)) % keyCount;
        const rank = list.indexOf(key);
        expect(recency.use(key)).toBe(rank);
        if (rank >= 0) list.splice(rank, 1);
        list.unshift(key);
      }
      expect(Array.from({ length: recency.count }, (_, rank) => recency.at(rank))).toEqual(list);
    }),
    { numRuns: 12 },
  );
});

it('before its first use a key has no rank', () => {
  const recency = new Recency(40_000);
  expect(recency.count).toBe(0);
  for (let key = 0; key < 40_000; key++) expect(recency.use(key)).toBe(-1);
  expect([recency.use(0), recency.use(39_999), recency.use(39_999)]).toEqual([39_999, 1, 0]);
});
