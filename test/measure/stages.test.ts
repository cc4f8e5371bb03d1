import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stageTimes } from '../../src/measure/stages.ts';

const inOrder = {
  intendedMs: 100,
  dispatchedMs: 110,
  receivedMs: 111,
  beganMs: 114,
  coldStartMs: 2,
  endedMs: 120,
  returnedMs: 125,
  settledMs: 126,
};

describe('stageTimes', () => {
  it('stageTimes splits a call: queue, wake-up, batch (before and after its turn), start, execute, return', () => {
    expect(stageTimes(inOrder)).toEqual([10, 1, 3 + 5, 2, 4, 1]);
  });

  it('stageTimes add up to the latency with no stage negative, whatever stamps are missing or out of order', () => {
    const stamp = fc.oneof(fc.double({ min: 50, max: 200, noNaN: true }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.record({
          intendedMs: fc.constant(100),
          dispatchedMs: stamp,
          receivedMs: stamp,
          beganMs: stamp,
          coldStartMs: fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constant(Number.NaN)),
          endedMs: stamp,
          returnedMs: stamp,
          settledMs: fc.double({ min: 100, max: 200, noNaN: true }),
        }),
        (stamps) => {
          const times = stageTimes(stamps);
          expect(times.every((ms) => ms >= 0)).toBe(true);
          expect(times.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(stamps.settledMs - 100, 9);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('stageTimes count as execution what cannot be told apart', () => {
    const unknown = Number.NaN;
    const stamps = {
      ...inOrder,
      receivedMs: unknown,
      beganMs: unknown,
      coldStartMs: unknown,
      endedMs: unknown,
      returnedMs: unknown,
    };
    expect(stageTimes(stamps)).toEqual([10, 0, 0, 0, 16, 0]);
  });
});
