import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlightAges } from '../../src/measure/in-flight-ages.ts';

describe('the ages of the calls in flight', () => {
  it('ages are those of the calls offered and not settled since then, never more than the truth', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ afterMs: fc.double({ min: 0, max: 40, noNaN: true }), settle: fc.boolean(), pick: fc.nat() }),
          {
            maxLength: 200,
          },
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (steps, share) => {
          let nowMs = 1000;
          const ages = new InFlightAges(nowMs);
          const flying: number[] = [];
          for (const { afterMs, settle, pick } of steps) {
            nowMs += afterMs;
            if (settle && flying.length > 0) ages.settled(flying.splice(pick % flying.length, 1)[0] as number);
            else {
              ages.offered(nowMs);
              flying.push(nowMs);
            }
          }
          const sinceMs = 1000 + share * (nowMs - 1000);
          const sure = flying.filter((ms) => Math.floor(ms / 2) > Math.floor(sinceMs / 2));
          const found = ages.since(sinceMs, nowMs);
          expect(found.count).toBe(sure.length);
          expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(found.count);
          expect(found.sumMs).toBeLessThanOrEqual(sure.reduce((sum, ms) => sum + nowMs - ms, 0) + 1e-6);
          expect(found.sumMs).toBeGreaterThanOrEqual(sure.reduce((sum, ms) => sum + nowMs - ms - 2, 0) - 1e-6);
          expect([...found.boundsNs].sort((a, b) => a - b)).toEqual(found.boundsNs);
        },
      ),
    );
  });

  it('ages leave out calls older than can be told apart, whose settling disturbs no other', () => {
    const ages = new InFlightAges(0);
    ages.offered(5);
    ages.offered(100_000);
    expect(ages.since(0, 100_010)).toMatchObject({ count: 1, minMs: 8 });
    ages.settled(5);
    expect(ages.since(0, 100_010).count).toBe(1);
    ages.settled(100_000);
    expect(ages.since(0, 100_010).count).toBe(0);
  });
});
