import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointPace } from '../../../src/stream/flow/checkpoint-pace.ts';

const start = { ms: 0, bytes: 0 };
const limits = { intervalMs: 1000, bytes: 100, repeats: true };

describe('the pace of checkpoints', () => {
  it('is due after an interval or its bytes, whichever is first, and not again for one where nothing came', () => {
    const pace = new CheckpointPace(limits, start);
    expect(pace.isDue({ ms: 999, bytes: 99 })).toBe(false);
    expect(pace.isDue({ ms: 1000, bytes: 1 })).toBe(true);
    expect(pace.isDue({ ms: 1, bytes: 100 })).toBe(true);
    expect(pace.isDue({ ms: 1, bytes: 60 }, 40)).toBe(true);
    pace.idle(1000);
    expect(pace.isDue({ ms: 1999, bytes: 0 })).toBe(false);
  });

  it('begins earlier by what the last one took, and forgets that slowly', () => {
    const pace = new CheckpointPace(limits, start);
    pace.begun({ ms: 1000, bytes: 10 });
    pace.saved({ ms: 1200, bytes: 40 });
    expect(pace.isDue({ ms: 1799, bytes: 79 })).toBe(false);
    expect(pace.isDue({ ms: 1800, bytes: 10 })).toBe(true);
    expect(pace.isDue({ ms: 1201, bytes: 80 })).toBe(true);
    pace.begun({ ms: 1800, bytes: 80 });
    pace.saved({ ms: 1800, bytes: 80 });
    expect(pace.isDue({ ms: 2619, bytes: 80 })).toBe(false);
    expect(pace.isDue({ ms: 2621, bytes: 80 })).toBe(true);
  });

  it('lets nothing be delivered once an interval is over and its checkpoint is not saved, or has failed', () => {
    const pace = new CheckpointPace(limits, start);
    pace.begun({ ms: 500, bytes: 60 });
    expect(pace.allowance({ ms: 600, bytes: 70 })).toBe(30);
    expect(pace.allowance({ ms: 600, bytes: 100 })).toBe(0);
    expect(pace.allowance({ ms: 1000, bytes: 60 })).toBe(0);
    pace.failed(1000);
    expect(pace.allowance({ ms: 1500, bytes: 60 })).toBe(0);
    expect(pace.isDue({ ms: 1500, bytes: 60 })).toBe(false);
    expect(pace.isDue({ ms: 2000, bytes: 60 })).toBe(true);
    pace.begun({ ms: 2000, bytes: 60 });
    pace.saved({ ms: 2001, bytes: 60 });
    expect(pace.allowance({ ms: 2002, bytes: 60 })).toBeGreaterThan(0);
  });

  it('holds up nothing where a run that dies repeats nothing', () => {
    const pace = new CheckpointPace({ ...limits, repeats: false }, start);
    pace.begun({ ms: 500, bytes: 60 });
    expect(pace.allowance({ ms: 5000, bytes: 1000 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('never has more than an interval of bytes behind the last durable checkpoint, whatever saving takes', () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 700 }), bytes: fc.integer({ min: 1, max: 60 }) });
    const fate = fc.constantFrom('saved', 'failed', 'waits' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fate), { maxLength: 200 }), (steps) => {
        const pace = new CheckpointPace(limits, start);
        let [ms, bytes, durable, begun] = [0, 0, 0, 0];
        let isSaving = false;
        for (const [by, what] of steps) {
          ms += by.ms;
          if (isSaving && what === 'saved') {
            pace.saved({ ms, bytes });
            durable = begun;
          } else if (isSaving && what === 'failed') pace.failed(ms);
          if (what !== 'waits') isSaving = false;
          if (!isSaving && pace.isDue({ ms, bytes })) {
            begun = bytes;
            pace.begun({ ms, bytes });
            isSaving = true;
          }
          bytes += Math.min(by.bytes, pace.allowance({ ms, bytes }));
          expect(bytes - durable).toBeLessThanOrEqual(limits.bytes);
        }
      }),
    );
  });
});
