import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differences } from '../../../tuner/patches/line-diff.ts';

const lines = fc.array(fc.constantFrom('{', '}', '', '  a: 1,', '  b: 2,'), { maxLength: 30 });

it('the differences of two texts, applied to the one, give the other, and between them both go on alike', () => {
  fc.assert(
    fc.property(lines, lines, (old, now) => {
      const made: string[] = [];
      let at = 0;
      for (const { oldFrom, oldTo, newFrom, newTo } of differences(old, now)) {
        made.push(...old.slice(at, oldFrom));
        expect(made).toEqual(now.slice(0, newFrom));
        made.push(...now.slice(newFrom, newTo));
        at = oldTo;
      }
      expect([...made, ...old.slice(at)]).toEqual(now);
    }),
    { seed: 1 },
  );
});

it('a line that was taken out among others like it is the only one that goes', () => {
  const old = ['{', '  a: 1,', '},', '{', '  a: 1,', '  b: 2,', '},', '{', '  a: 1,', '},'];
  const now = old.toSpliced(5, 1);
  expect(differences(old, now)).toEqual([{ oldFrom: 5, oldTo: 6, newFrom: 5, newTo: 5 }]);
});

it('texts that have nothing in common count as different throughout, however long they are', () => {
  const [old, now] = ['a', 'b'].map((name) => Array.from({ length: 20_000 }, (_, i) => `${name}${i}`));
  expect(differences(old ?? [], now ?? [])).toEqual([{ oldFrom: 0, oldTo: 20_000, newFrom: 0, newTo: 20_000 }]);
});
