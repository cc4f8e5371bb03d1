import { expect, it } from 'vitest';
import { callOptionsError } from '../../src/foundation/call-errors.ts';

it('callOptionsError passes options that run() can use', () => {
  const full = { signal: AbortSignal.timeout(1e6), intendedStartMs: 0, idempotent: true };
  for (const options of [undefined, {}, full, { intendedStartMs: 6000 }, { intendedStartMs: -3_600_000 }]) {
    expect(callOptionsError('f', options, 5000)).toBeUndefined();
  }
});

it.each([
  [7, /f: expected an object of call options, got 7/],
  [{ signal: new AbortController() }, /signal to be an AbortSignal/],
  [{ signal: 'stop' }, /signal to be an AbortSignal, got "stop"/],
  [{ intendedStartMs: Number.NaN }, /intendedStartMs to be a time on the executor's clock, .* got NaN/],
  [{ intendedStartMs: '5' }, /intendedStartMs to be a time on the executor's clock, .* got "5"/],
  [{ intendedStartMs: 5000 + 1001 }, /where it is 5000 now, at most 1000 ms ahead, got 6001/],
  [{ intendedStartMs: 1_700_000_000_000 }, /where it is 5000 now, .* got 1700000000000/],
  [{ intendedStartMs: -1e12 }, /where it is 5000 now, .* got -1000000000000/],
])('callOptionsError refuses %o', (options, message) => {
  expect(callOptionsError('f', options, 5000)).toMatchObject({
    code: 'ERR_SANDTUNE_ARGUMENTS',
    outcome: 'rejected',
    stage: 'admit',
    message: expect.stringMatching(message),
  });
});
