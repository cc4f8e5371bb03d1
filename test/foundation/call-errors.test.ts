import { expect, it } from 'vitest';
import { callOptionsError } from '../../src/foundation/call-errors.ts';

it('callOptionsError passes options that run() can use', () => {
  for (const options of [undefined, {}, { signal: AbortSignal.timeout(1e6), intendedStartMs: 0, idempotent: true }]) {
    expect(callOptionsError('f', options)).toBeUndefined();
  }
});

it.each([
  [7, /f: expected an object of call options, got 7/],
  [{ signal: new AbortController() }, /signal to be an AbortSignal/],
  [{ signal: 'stop' }, /signal to be an AbortSignal, got "stop"/],
  [{ intendedStartMs: Number.NaN }, /intendedStartMs to be a finite number, got NaN/],
  [{ intendedStartMs: '5' }, /intendedStartMs to be a finite number, got "5"/],
])('callOptionsError refuses %o', (options, message) => {
  expect(callOptionsError('f', options)).toMatchObject({
    code: 'ERR_SANDTUNE_ARGUMENTS',
    outcome: 'rejected',
    stage: 'admit',
    message: expect.stringMatching(message),
  });
});
