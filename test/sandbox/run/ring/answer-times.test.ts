import { expect, it } from 'vitest';
import { Execution } from '../../../../src/measure/call.ts';
import { ExpectedTimes } from '../../../../src/sandbox/run/ring/answer-times.ts';

function ran(ms: number): Execution {
  const execution = new Execution();
  execution.beganMs = 5;
  execution.endedMs = 5 + ms;
  return execution;
}

it('what a call is expected to take follows those of its function, and forgets a slow one after a few', () => {
  const times = new ExpectedTimes(2, 0.06);
  expect(times.of(1)).toBe(0.06);
  for (let call = 0; call < 100; call++) times.learn(1, ran(2));
  expect(times.of(1)).toBeCloseTo(2, 2);
  for (let call = 0; call < 20; call++) times.learn(1, ran(0.001));
  times.learn(1, ran(50));
  expect(times.of(1)).toBeGreaterThan(1);
  for (let call = 0; call < 8; call++) times.learn(1, ran(0.001));
  expect(times.of(1)).toBeLessThan(0.06);
  expect(times.of(0)).toBe(0.06);
});

it('a call whose clocks disagree teaches nothing', () => {
  const times = new ExpectedTimes(1, 0.06);
  times.learn(0, ran(-1));
  times.learn(0, ran(Number.NaN));
  expect(times.of(0)).toBe(0.06);
});
