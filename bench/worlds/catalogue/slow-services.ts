/** Services of few calls: a window of half a second holds three of them, or a hundred. */
import { randomStream } from '../../../src/foundation/random.ts';
import { hill } from '../surfaces.ts';
import { type CatalogueWorld, concurrency, meanLatency } from './entry.ts';

export const slowServices: readonly CatalogueWorld[] = [5, 20, 60, 100, 200].map((perSecond): CatalogueWorld => {
  const name = `slow-${perSecond}`;
  return {
    name,
    about: `${perSecond} calls a second come, eight tenths of what the width of 4 serves; a wider one serves half as much again`,
    kind: 'slow service',
    law: 'hill',
    goal: meanLatency,
    spec: (seed) => {
      const half = 2 + 2 * randomStream(seed, name)();
      return {
        knobs: [concurrency(4)],
        load: { kind: 'open', perSecond },
        law: ({ concurrency: width }) => ({
          perSecond: ((perSecond / 0.8) * hill(Number(width), half, 2)) / hill(4, half, 2),
          waitShare: 0.5,
        }),
        // The arrivals are noise enough.
        noise: { sigma: 0.01 },
      };
    },
  };
});
