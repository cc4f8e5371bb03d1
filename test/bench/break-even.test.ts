import { expect, it } from 'vitest';
import { breakEvenUs } from '../../bench/core/lengths/break-even.ts';

it('the break-even lies where the pool does as many calls as the own thread, between the lengths around it', () => {
  expect(
    breakEvenUs([
      [1, 0.25],
      [4, 0.5],
      [16, 2],
      [64, 2],
    ]),
  ).toBeCloseTo(8, 9);
  expect(
    breakEvenUs([
      [1, 0.1],
      [10, 1],
      [100, 1.5],
    ]),
  ).toBe(10);
});

it('a pool that is ahead from the first length on stands at that, and one that nowhere is at none', () => {
  expect(
    breakEvenUs([
      [2, 1.5],
      [4, 1.8],
    ]),
  ).toBe(2);
  expect(
    breakEvenUs([
      [2, 0.5],
      [4, 0.9],
    ]),
  ).toBe(Number.POSITIVE_INFINITY);
});

it('a pool that is ahead at one length and behind at the next is not ahead there', () => {
  expect(
    breakEvenUs([
      [1, 1.2],
      [2, 0.5],
      [4, 2],
      [8, 2],
    ]),
  ).toBeCloseTo(2 * 2 ** 0.5, 9);
});
