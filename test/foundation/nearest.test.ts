import { expect, it } from 'vitest';
import { nearest } from '../../src/foundation/nearest.ts';

const known = ['maxQueue', 'concurrency', 'name', 'load', 'batch', 'spans'];

it.each([
  ['maxqueue', 'maxQueue'],
  ['max-queue', 'maxQueue'],
  ['concurency', 'concurrency'],
  ['nmae', 'name'],
  ['laod', 'load'],
  ['bacth', 'batch'],
])('the word nearest to %s is %s', (given, meant) => {
  expect(nearest(given, known)).toBe(meant);
});

it.each([['threads'], ['x'], ['']])('no known word is near %j', (given) => {
  expect(nearest(given, known)).toBeNull();
});

it('a word of megabytes is compared by its beginning', () => {
  expect(nearest('q'.repeat(5_000_000), known)).toBeNull();
});
