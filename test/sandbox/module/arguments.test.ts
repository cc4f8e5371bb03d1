import { expect, it } from 'vitest';
import { argumentsError, isCallable } from '../../../src/sandbox/module/arguments.ts';

const signature = { params: ['i32', 'i64', 'f64'], results: [] } as const;

it('the arguments of a raw export pass when they are exactly what its signature says', () => {
  expect(argumentsError('f', signature, [1, 1n, 0.5])).toBeUndefined();
  expect(argumentsError('f', signature, [-(2 ** 31), -(2n ** 63n), Number.NaN])).toBeUndefined();
  expect(argumentsError('f', signature, [2 ** 32 - 1, 2n ** 64n - 1n, -Infinity])).toBeUndefined();
});

it.each([
  ['too few', [1, 1n]],
  ['too many', [1, 1n, 1, 1]],
  ['a fraction for i32', [1.5, 1n, 1]],
  ['an i32 out of range', [2 ** 32, 1n, 1]],
  ['a text for i32', ['1', 1n, 1]],
  ['a number for i64', [1, 1, 1]],
  ['an i64 out of range', [1, 2n ** 64n, 1]],
  ['a bigint for f64', [1, 1n, 1n]],
  ['nothing for f64', [1, 1n, undefined]],
])('the arguments check refuses %s, which WebAssembly would convert in silence or throw on', (_, args) => {
  expect(argumentsError('f', signature, args)).toMatchObject({
    code: 'ERR_SANDTUNE_ARGUMENTS',
    outcome: 'rejected',
    stage: 'admit',
  });
});

it('an argument error names the argument, what was expected and what came', () => {
  expect(argumentsError('lexer.parse', signature, [1, 2, 3])?.message).toBe(
    'lexer.parse: argument 1 expected an integer of 64 bits (a bigint), got 2',
  );
});

it('isCallable is false for functions that cannot be called from JavaScript without a binding', () => {
  expect(isCallable(signature)).toBe(true);
  expect(isCallable({ params: ['v128'], results: [] })).toBe(false);
  expect(isCallable({ params: [], results: ['ref'] })).toBe(false);
});
