import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LevelTimes } from '../../../src/stream/flow/levels.ts';

it('tells at which level it stood for which share of the time', () => {
  const levels = new LevelTimes(0, 4);
  levels.at(10, 8);
  levels.at(70, 2);
  expect(levels.spread(100)).toEqual({ min: 2, median: 8, p95: 8, max: 8 });
  expect(new LevelTimes(5, 3).spread(5)).toEqual({ min: 3, median: 3, p95: 3, max: 3 });
});

it('is in order, and within a hundredth of what it stood at, whatever the levels', () => {
  const moves = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 65_536 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(moves, (all) => {
      let nowMs = 0;
      const levels = new LevelTimes(0, all[0]?.[1] as number);
      for (const [ms, level] of all) {
        levels.at(nowMs, level);
        nowMs += ms;
      }
      const { min, median, p95, max } = levels.spread(nowMs);
      expect([min, median, p95, max]).toEqual([min, median, p95, max].toSorted((a, b) => a - b));
      const given = all.map(([, level]) => level);
      expect(Math.abs(max / Math.max(...given) - 1)).toBeLessThan(0.01);
      expect(Math.abs(min / Math.min(...given) - 1)).toBeLessThan(0.01);
    }),
  );
});
