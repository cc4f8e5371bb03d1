import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Slots, slotCount, slotOfId } from '../../../../src/sandbox/run/ring/slots.ts';

it('slots keep what is put into them under ids that name nothing else, in the order they came', () => {
  const step = fc.oneof(fc.constant('put' as const), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const slots = new Slots<number>();
      const model = new Map<number, number>();
      const gone = new Set<number>();
      let next = 0;
      for (const one of steps) {
        const ids = [...model.keys()];
        if (one === 'put') {
          const id = slots.put(next);
          if (model.size === slotCount) expect(id).toBe(-1);
          else {
            expect([model.has(id), gone.has(id)]).toEqual([false, false]);
            model.set(id, next++);
          }
        } else if (ids.length > 0) {
          const id = ids[one % ids.length] as number;
          slots.release(id);
          model.delete(id);
          gone.add(id);
        }
      }
      expect(slots.ids()).toEqual([...model.keys()]);
      expect(slots.usedCount).toBe(model.size);
      for (const [id, content] of model) expect([slots.has(id), slots.contents[slotOfId(id)]]).toEqual([true, content]);
      for (const id of gone) expect(slots.has(id)).toBe(false);
    }),
    { numRuns: 50 },
  );
});

it('slots that are all taken keep no more until one is released', () => {
  const slots = new Slots<number>();
  const ids = Array.from({ length: slotCount }, (_, index) => slots.put(index));
  expect(new Set(ids).size).toBe(slotCount);
  expect(slots.put(0)).toBe(-1);
  slots.release(ids[7] as number);
  expect(slotOfId(slots.put(0))).toBe(7);
});

it('an id from nowhere is none that is out', () => {
  const slots = new Slots<number>();
  const id = slots.put(1);
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (forged) => {
      expect(slots.has(forged)).toBe(forged === id);
    }),
  );
});
