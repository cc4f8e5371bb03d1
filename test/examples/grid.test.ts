import type { Interval } from 'sandtune';
import { describe, expect, it } from 'vitest';
import { eachOnce, gridPoints, shareOfBest } from '../../examples/demo/grid.ts';

const point = (estimate: number) => {
  const metric: Interval = { estimate, low: estimate, high: estimate, level: 0.95 };
  return { settings: {}, metric, windows: 3 };
};

describe('the share of the best grid point', () => {
  it('the share of the best grid point is chosen over best, whatever the start did', () => {
    expect(shareOfBest(point(90), point(100))).toBeCloseTo(0.9);
  });

  it('the share of the best grid point is 0 where the chosen point served nothing in time', () => {
    expect(shareOfBest(point(0), point(100))).toBe(0);
  });

  it('the share of the best grid point is null where the best point served nothing in time, or is missing', () => {
    expect(shareOfBest(point(0), point(0))).toBeNull();
    expect(shareOfBest(point(90), undefined)).toBeNull();
  });
});

describe('the grid', () => {
  it('the grid measures a setting once again, also where the start was chosen or is the best', () => {
    const [one, other] = [
      { threads: 3, batchSize: 1 },
      { threads: 2, batchSize: 64 },
    ];
    expect(eachOnce([one, { ...one }, other])).toEqual([one, other]);
    expect(eachOnce([one, other, { ...other }])).toEqual([one, other]);
  });

  const start = { threads: 3, batchSize: 1, batchLingerMs: 0, moduleCacheCapacity: 32 };

  it('the grid keeps the other knobs as they were at the start', () => {
    const points = gridPoints(start, { ...start, threads: 2, batchSize: 64 });
    expect(points).toHaveLength(16);
    for (const one of points) expect(one).toMatchObject({ batchLingerMs: 0, moduleCacheCapacity: 32 });
  });

  it('the grid is swept with the chosen linger and cache too where these differ, so that a bad choice of them shows', () => {
    const points = gridPoints(start, { ...start, batchSize: 64, batchLingerMs: 5 });
    expect(points.filter((one) => one['batchLingerMs'] === 0)).toHaveLength(16);
    expect(points.filter((one) => one['batchLingerMs'] === 5)).toHaveLength(16);
  });

  it('the grid has each number of threads in shared memory once, where no batch size has an effect', () => {
    const either = { ...start, transport: 'message' };
    const points = gridPoints(either, { ...either, transport: 'ring', moduleCacheCapacity: 23 });
    const inRing = points.filter(({ transport }) => transport === 'ring');
    expect(inRing).toHaveLength(8);
    for (const one of inRing) expect(one).toMatchObject({ batchSize: 1, batchLingerMs: 0 });
  });
});
