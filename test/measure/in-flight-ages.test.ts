import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlightAges } from '../../src/measure/in-flight-ages.ts';

describe('the ages of the calls in flight', () => {
  it('are those of the calls offered and not settled since then, never more than the truth', () => {
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
          const sure = flying.filter((ms) => Math.floor(ms) > Math.floor(sinceMs));
          const found = ages.since(sinceMs, nowMs);
          expect(found.count).toBe(sure.length);
          expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(found.count);
          expect(found.sumMs).toBeLessThanOrEqual(sure.reduce((sum, ms) => sum + nowMs - ms, 0) + 1e-6);
          expect(found.sumMs).toBeGreaterThanOrEqual(sure.reduce((sum, ms) => sum + nowMs - ms - 1, 0) - 1e-6);
          expect([...found.boundsNs].sort((a, b) => a - b)).toEqual(found.boundsNs);
        },
      ),
    );
  });

  it('of calls older than it can tell apart are as much as it can tell, and their settling is not lost', () => {
    const ages = new InFlightAges(0);
    ages.offered(5);
    ages.offered(6);
    ages.offered(30_000);
    expect(ages.since(0, 30_010)).toMatchObject({ count: 3, minMs: 9 });
    expect(ages.since(0, 30_010).maxMs).toBeGreaterThan(8000);
    ages.settled(5);
    ages.settled(30_000);
    expect(ages.since(0, 30_010).count).toBe(1);
    ages.settled(6);
    expect(ages.since(0, 30_010).count).toBe(0);
  });
});
