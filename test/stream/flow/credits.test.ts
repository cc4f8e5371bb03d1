import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Credits } from '../../../src/stream/flow/credits.ts';

const limits = { bytes: 1000, records: 10, low: 0.5, high: 0.9 };

/** What credits are, without their speed: the list of what is held. */
class Model {
  held: number[] = [];
  isPaused = false;

  get fill(): number {
    return Math.max(this.held.reduce((sum, one) => sum + one, 0) / limits.bytes, this.held.length / limits.records);
  }

  note(): void {
    if (this.held.length === 0 || (this.isPaused && this.fill <= limits.low)) this.isPaused = false;
    else if (this.fill >= limits.high) this.isPaused = true;
  }
}

type Step = { readonly kind: 'offer' | 'give' | 'resize'; readonly bytes: number; readonly which: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('offer' as const, 'offer' as const, 'give' as const, 'resize' as const),
    bytes: fc.integer({ min: 0, max: 400 }),
    which: fc.nat(),
  }),
  { maxLength: 200 },
);

describe('credits', () => {
  it('hold what a list of what is held holds, and pause as the watermarks say', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const credits = new Credits(limits);
        const model = new Model();
        for (const { kind, bytes, which } of all) {
          const index = which % (model.held.length || 1);
          if (kind === 'offer') {
            if (!credits.hasRoomFor(bytes)) continue;
            credits.take(bytes);
            model.held.push(bytes);
          } else if (model.held.length === 0) continue;
          else if (kind === 'give') credits.give(model.held.splice(index, 1)[0] as number);
          else {
            credits.resize(bytes - (model.held[index] as number));
            model.held[index] = bytes;
          }
          model.note();
          expect(credits.records).toBe(model.held.length);
          expect(credits.fill).toBeCloseTo(model.fill);
          expect(credits.isPaused).toBe(model.isPaused);
        }
      }),
    );
  });

  it('never go above either limit by what is taken, and have room again once everything came back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), (records) => {
        const credits = new Credits(limits);
        const taken = records.filter((bytes) => {
          const has = credits.hasRoomFor(bytes);
          if (has) credits.take(bytes);
          else credits.pause();
          return has;
        });
        expect(credits.peakBytes).toBeLessThanOrEqual(limits.bytes);
        expect(credits.peakRecords).toBeLessThanOrEqual(limits.records);
        for (const bytes of taken) credits.give(bytes);
        expect(credits).toMatchObject({ bytes: 0, records: 0, isPaused: false });
        expect(credits.hasRoomFor(limits.bytes)).toBe(true);
      }),
    );
  });

  it('pause once between the watermarks, however often a record comes and goes there', () => {
    const credits = new Credits(limits);
    for (let i = 0; i < 9; i++) credits.take(1);
    for (let i = 0; i < 100; i++) {
      expect(credits.hasRoomFor(1)).toBe(false);
      credits.give(1);
      credits.take(1);
    }
    expect(credits.pauses).toBe(1);
    for (let i = 0; i < 4; i++) credits.give(1);
    expect(credits.hasRoomFor(1)).toBe(true);
  });
});
