import { expect, it } from 'vitest';
import { isAborted, readCallOptions, reasonOf } from '../../src/foundation/call-options.ts';

it('readCallOptions passes options that run() can use', () => {
  const full = { signal: AbortSignal.timeout(1e6), intendedStartMs: 0, idempotent: true };
  for (const options of [undefined, {}, full, { intendedStartMs: 6000 }, { intendedStartMs: -3_600_000 }]) {
    expect(readCallOptions('f', options, 5000).wrong).toBeUndefined();
  }
});

it.each([
  [7, /f: expected an object of call options, got 7/],
  [{ signal: new AbortController() }, /signal to be an AbortSignal/],
  [{ signal: 'stop' }, /signal to be an AbortSignal, or an event emitter .*, got "stop"/],
  [{ intendedStartMs: Number.NaN }, /intendedStartMs to be a time on the executor's clock, .* got NaN/],
  [{ intendedStartMs: '5' }, /intendedStartMs to be a time on the executor's clock, .* got "5"/],
  [{ intendedStartMs: 5000 + 1001 }, /where it is 5000 now, at most 1000 ms ahead, got 6001/],
  [{ intendedStartMs: 1_700_000_000_000 }, /where it is 5000 now, .* got 1700000000000/],
  [{ intendedStartMs: -1e12 }, /where it is 5000 now, .* got -1000000000000/],
])('readCallOptions refuses %o', (options, message) => {
  expect(readCallOptions('f', options, 5000).wrong).toMatchObject({
    code: 'ERR_SANDTUNE_ARGUMENTS',
    outcome: 'rejected',
    stage: 'admit',
    message: expect.stringMatching(message),
  });
});

it('readCallOptions refuses an option that nobody has, and names the one that may be meant', () => {
  expect(readCallOptions('f', { deadlineMS: 1 }, 5000).wrong).toMatchObject({
    code: 'ERR_SANDTUNE_OPTION',
    outcome: 'rejected',
    stage: 'admit',
    message: expect.stringMatching(/^f: no option 'deadlineMS'; expected signal, .*; did you mean 'deadlineMs'\?$/),
  });
  expect(readCallOptions('f', { retries: 2 }, 5000).wrong?.message).toMatch(/did you mean 'idempotent'\?$/);
  expect(readCallOptions('f', { colour: 2 }, 5000).wrong?.message).toMatch(/^f: no option 'colour'; [^;]*$/);
});

it('readCallOptions leaves options to what runs the call, unless the one that is meant is ours', () => {
  const others = { names: ['transferList', 'filename', 'name'], areAll: false };
  for (const options of [{ name: 'f' }, { transferList: [] }, { nam: 'f' }, { urgency: 1 }])
    expect(readCallOptions('f', options, 5000, others).wrong).toBeUndefined();
  for (const options of [{ deadlineMS: 1 }, { maxWait: 1 }, { signl: null }, { idempotant: true }])
    expect(readCallOptions('f', options, 5000, others).wrong?.code).toBe('ERR_SANDTUNE_OPTION');
});

it('readCallOptions reads each option once, so that one which answers differently the next time is what was checked', () => {
  const reads: Record<string, number> = {};
  const { signal } = new AbortController();
  const given = new Proxy({ signal, intendedStartMs: 4000, idempotent: true } as Record<string, unknown>, {
    get: (options, key: string) => {
      reads[key] = (reads[key] ?? 0) + 1;
      return options[key];
    },
  });
  expect(readCallOptions('f', given, 5000)).toMatchObject({ signal, intendedStartMs: 4000, idempotent: true });
  expect(Object.values(reads).every((count) => count === 1)).toBe(true);
});

it('a signal that throws when it is asked has not fired, and what it threw is its reason', () => {
  const thrown = new Error('broken signal');
  const fail = () => {
    throw thrown;
  };
  const signal = Object.defineProperties({}, { aborted: { get: fail }, reason: { get: fail } }) as AbortSignal;
  expect([isAborted(signal), reasonOf(signal)]).toEqual([false, thrown]);
});
