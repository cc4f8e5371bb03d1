import { expect, it } from 'vitest';
import { LentBytes } from '../../../../src/sandbox/run/ring/lent-bytes.ts';

it('lent bytes are empty once they were taken back, and their memory is lent again for as many', () => {
  const lent = new LentBytes();
  const first = lent.take(new Uint8Array([1, 2, 3]));
  const other = lent.take(new Uint8Array([4, 5, 6]));
  expect([first, other]).toEqual([new Uint8Array([1, 2, 3]), new Uint8Array([4, 5, 6])]);
  expect(first.buffer).not.toBe(other.buffer);
  lent.takeBack();
  expect([first.length, (first.buffer as ArrayBuffer).detached, other.length]).toEqual([0, true, 0]);
  const again = lent.take(new Uint8Array([7, 8, 9]));
  expect([again, again.buffer.byteLength]).toEqual([new Uint8Array([7, 8, 9]), 3]);
  expect(lent.take(new Uint8Array(5)).buffer.byteLength).toBe(5);
  expect(first.length).toBe(0);
});

it('what a guest has moved elsewhere is not taken back', () => {
  const lent = new LentBytes();
  const taken = lent.take(new Uint8Array([2]));
  const elsewhere = structuredClone(taken, { transfer: [taken.buffer as ArrayBuffer] });
  lent.takeBack();
  for (const seed of [3, 4]) lent.take(new Uint8Array([seed]));
  expect(elsewhere[0]).toBe(2);
});
