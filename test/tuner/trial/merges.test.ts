import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Distribution } from '../../../src/contracts.ts';
import { emptyDistribution, mergeDistributions } from '../../../src/measure/distribution.ts';
import { Histogram } from '../../../src/measure/histogram.ts';
import { mergedInBlocks } from '../../../tuner/trial/merges.ts';

function distributionOf(samples: readonly number[]): Distribution {
  const histogram = new Histogram();
  for (const ms of samples) histogram.record(ms);
  return histogram.freeze();
}

const milliseconds = fc.integer({ min: 1, max: 300 });
const windows = fc.array(
  fc.array(milliseconds, { maxLength: 5 }).map((samples) => distributionOf(samples)),
  { maxLength: 40 },
);

it('holds the same calls as a merge of one window after the other, however many windows came before', () => {
  fc.assert(
    fc.property(windows, (list) => {
      for (let length = 0; length <= list.length; length++)
        expect(mergedInBlocks(list.slice(0, length))).toEqual(mergeDistributions(list.slice(0, length)));
    }),
    { numRuns: 50 },
  );
});

it('takes no distribution for another that was merged with the same one before', () => {
  const [first, second, third] = [[1], [2], [3]].map(distributionOf) as [Distribution, Distribution, Distribution];
  expect(mergedInBlocks([first, second]).maxMs).toBe(2);
  expect(mergedInBlocks([first, third]).maxMs).toBe(3);
  expect(mergedInBlocks([first, second]).maxMs).toBe(2);
});

it('merges a block that is whole once, however many windows come after it', () => {
  const list = Array.from({ length: 9 }, (_, i) => distributionOf([i + 1]));
  const before = mergedInBlocks(list.slice(0, 8));
  mergedInBlocks(list);
  expect(mergedInBlocks(list.slice(0, 8))).toBe(before);
});

it('is empty where no window has a call', () => {
  expect(mergedInBlocks([emptyDistribution, emptyDistribution])).toBe(emptyDistribution);
});
