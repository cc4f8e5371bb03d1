import { expect, it } from 'vitest';
import { missRatio } from '../../../bench/tuner/miss-ratio.ts';

it("the curves and choices of the cache's model are those of caches that were played through", async () => {
  const figures = await missRatio.run({ length: 'quick', seed: 3, progress: () => {} });
  const value = (name: string) => figures.find((one) => one.name === name)?.value ?? Number.NaN;
  expect(value('mrc_mae')).toBeLessThan(0.01);
  expect(value('mrc_choice_gap')).toBeLessThan(0.01);
  expect(value('mrc_bytes')).toBeLessThan(2 ** 20);
});
