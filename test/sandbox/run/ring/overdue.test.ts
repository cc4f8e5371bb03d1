import { expect, it } from 'vitest';
import { slownessOf } from '../../../../src/sandbox/run/ring/overdue.ts';

it('a call that runs on gives away what waits behind it, and keeps its worker from others only where it is longer than usual', () => {
  expect(slownessOf(0.4, 0.001)).toBe('nothing');
  expect(slownessOf(0.6, 0.001)).toBe('stuck');
  expect(slownessOf(1.1, 1)).toBe('slow');
  expect(slownessOf(2.1, 1)).toBe('stuck');
});
