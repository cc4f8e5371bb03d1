import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StageTime, slowestOf } from '../../../src/stream/flow/stage-shares.ts';

const changes = fc.array(
  fc.record({ afterMs: fc.double({ min: -1, max: 5000, noNaN: true }), lanes: fc.nat(4), isBlocked: fc.boolean() }),
  { maxLength: 100 },
);

describe('the shares of a stage', () => {
  it('sum to 1 at any moment, each within 0 and 1, however time passes', () => {
    fc.assert(
      fc.property(changes, (all) => {
        let nowMs = 100;
        const time = new StageTime(nowMs);
        for (const { afterMs, lanes, isBlocked } of all) {
          nowMs += afterMs;
          time.changed(nowMs, lanes / 4, isBlocked);
          for (const shares of [time.whole(nowMs), time.recent(nowMs)]) {
            const parts = Object.values(shares) as number[];
            expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(1, 9);
            for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });

  it('are those of the time for which each was in force', () => {
    const time = new StageTime(0);
    time.changed(10, 1, false);
    time.changed(40, 0.5, true);
    time.changed(60, 0, true);
    expect(time.whole(100).busyFraction).toBeCloseTo(0.4, 12);
    expect(time.whole(100).starvedFraction).toBeCloseTo(0.1, 12);
    expect(time.whole(100).blockedFraction).toBeCloseTo(0.5, 12);
  });

  it('forget what was long ago, where it is asked what they are lately', () => {
    const time = new StageTime(0);
    time.changed(0, 1, false);
    time.changed(1_000_000, 0, false);
    expect(time.recent(1_060_000).busyFraction).toBeLessThan(0.01);
    expect(time.whole(1_060_000).busyFraction).toBeGreaterThan(0.9);
  });

  it('name as slowest the one that was busy most', () => {
    const stage = (name: string, busyFraction: number) => ({
      name,
      busyFraction,
      starvedFraction: 1 - busyFraction,
      blockedFraction: 0,
    });
    expect(slowestOf([stage('a', 0.2), stage('b', 0.7), stage('c', 0.6)])?.name).toBe('b');
    expect(slowestOf([])).toBeUndefined();
  });
});
