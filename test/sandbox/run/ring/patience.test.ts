import { expect, it } from 'vitest';
import { WaitForCall } from '../../../../src/sandbox/run/ring/wait-for-call.ts';

/** A worker whose clock goes on by 1 µs a reading, and how long it looks for what comes after `comesMs`. */
function patient() {
  let nowMs = 0;
  const clock = { now: () => (nowMs += 0.001) };
  const patience = new WaitForCall(clock);
  return (comesMs: number, spinMs = 0): { readonly found: boolean; readonly lookedMs: number } => {
    const sinceMs = nowMs;
    const ring = {
      get isEmpty() {
        return nowMs - sinceMs < comesMs;
      },
    };
    const found = patience.finds(ring, spinMs);
    return { found, lookedMs: nowMs - sinceMs };
  };
}

it('a worker looks for a short while as long as that pays, seldom where it does not, and again once it does', () => {
  const look = patient();
  const found = (count: number, comesMs: number) =>
    Array.from({ length: count }, () => look(comesMs)).filter((one) => one.found).length;
  const looked = (count: number, comesMs: number) =>
    Array.from({ length: count }, () => look(comesMs)).filter(({ lookedMs }) => lookedMs > 0).length;
  expect(found(100, 0.002)).toBe(100);
  // A few times more, and then one time in 32.
  expect(looked(324, 1)).toBe(4 + 10);
  expect(look(1).lookedMs).toBe(0);
  expect(found(32, 0.002)).toBeGreaterThan(0);
  expect(found(100, 0.002)).toBe(100);
});

it('a worker that is told to look for longer does so, found or not', () => {
  const look = patient();
  for (let i = 0; i < 100; i++) expect(look(1, 0.2).lookedMs).toBeCloseTo(0.2, 2);
  expect(look(0.15, 0.2).found).toBe(true);
  expect(look(0.15, 0).found).toBe(false);
});
