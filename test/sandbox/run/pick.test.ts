import { expect, it } from 'vitest';
import { MissingFunction } from '../../../src/sandbox/run/binding-fault.ts';
import { failureError } from '../../../src/sandbox/run/call-errors.ts';
import { pick } from '../../../src/sandbox/run/instance.ts';

function thrownBy(names: readonly string[], offered: unknown): Error {
  try {
    pick(names, offered);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was accepted');
}

it('pick names the functions that there are, the nearest first, and not more than ten', () => {
  const fn = () => 1;
  const fault = thrownBy(['compres'], { free: fn, compress: fn, version: '1' });
  expect(fault).toBeInstanceOf(MissingFunction);
  expect(fault.message).toBe(
    `expected bind() to return a function 'compres', got undefined; the functions it returned are "compress", "free"`,
  );
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}`, fn]));
  expect(thrownBy(['decode'], many).message).toMatch(/"f9" and 2 more$/);
  expect(thrownBy(['decode'], {}).message).toMatch(/; it returned no functions$/);
});

it('a method that the object inherits is not taken for a function of it, and the sentence says what to write', () => {
  class Codec {
    decode(): void {}
  }
  expect(thrownBy(['decode'], new Codec()).message).toContain('decode: (...args) => object.decode(...args)');
});

it('a function that the binding does not return is a refused option, and no trap', () => {
  const failure = { index: 0, stage: 'start', fault: 'none', thrown: undefined, refused: false } as const;
  expect(failureError('lz4', { ...failure, isMissing: true })).toMatchObject({
    code: 'ERR_SANDTUNE_BINDING',
    outcome: 'rejected',
    stage: 'admit',
  });
  expect(failureError('lz4', { ...failure, isMissing: false })).toMatchObject({ outcome: 'trap', stage: 'start' });
});
