import { expect, it } from 'vitest';
import { Holds } from '../../src/foundation/holds.ts';

it('holds the largest value that anybody holds, and a value held twice until both let go', () => {
  const holds = new Holds();
  expect(holds.atLeast(1)).toBe(1);
  const [four, six, fourAgain] = [holds.add(4), holds.add(6), holds.add(4)];
  expect(holds.atLeast(1)).toBe(6);
  expect(holds.atLeast(8)).toBe(8);
  six();
  four();
  expect(holds.atLeast(1)).toBe(4);
  fourAgain();
  expect(holds.atLeast(1)).toBe(1);
});
