import { expect, it, test } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { cameBackByItself, jumpIn } from '../../../tuner/trial/jump.ts';

/** Logs of levels, as shares of the usual one, each with a noise of 3 %. */
function logs(name: string, levels: readonly number[]): readonly number[] {
  const random = randomStream(3, name);
  return levels.map((level) => Math.log(level) + 0.03 * gaussian(random));
}

const many = (count: number, level: number) => Array.from({ length: count }, () => level);
/** What is lost wears off with a time constant of so many windows. */
const wearsOff = (windows: number, left = 0.5) =>
  Array.from({ length: 40 }, (_, i) => 1 - left * Math.exp(-(i + 0.5) / windows));
const half = Math.log(0.5);

test('a level that comes back from one window to the next has jumped there, whatever a single window does', () => {
  expect(jumpIn(half, logs('jump', [...many(12, 0.5), ...many(12, 1)]))).toBe(12);
  expect(jumpIn(half, logs('one high', [...many(5, 0.5), 1, ...many(6, 0.5), ...many(12, 1)]))).toBe(12);
  expect(jumpIn(half, logs('twice', [...many(6, 0.5), ...many(6, 1), ...many(6, 0.5), ...many(12, 1)]))).toBe(18);
  expect(jumpIn(half, logs('one low', [...many(12, 0.5), ...many(5, 1), 0.5, ...many(6, 1)]))).toBe(12);
});

test.each([0.1, 1, 2, 4, 8, 25])(
  'a level that comes back with a time constant of %d windows has not jumped',
  (windows) => {
    const told = Array.from({ length: 200 }, (_, seed) => jumpIn(half, logs(`${windows} ${seed}`, wearsOff(windows))));
    expect(told.filter((one) => one !== null)).toEqual([]);
  },
);

it.each<readonly [string, readonly number[]]>([
  ['stays low', many(24, 0.5)],
  ['was high already', many(24, 1)],
  ['was seen in a few windows only', [...many(3, 0.5), ...many(4, 1)]],
])('a level that %s has not jumped', (_, levels) => {
  const told = Array.from({ length: 50 }, (__, seed) => jumpIn(half, logs(`${_} ${seed}`, levels)));
  expect(told.filter((one) => one !== null).length).toBeLessThan(3);
});

test('a jump at the change is the change’s, and one before it or long after it came by itself', () => {
  const came = (before: readonly number[], after: readonly number[]) => {
    const told = Array.from({ length: 100 }, (_, seed) =>
      cameBackByItself(half, logs(`before ${seed}`, before), logs(`after ${seed}`, after)),
    );
    return told.filter(Boolean).length;
  };
  expect(came(many(10, 0.5), many(20, 1))).toBe(0);
  // A circuit breaker that cools down.
  expect(came(many(10, 0.5), [...many(6, 0.5), ...many(14, 1)])).toBe(0);
  expect(came(many(10, 0.5), [...many(36, 0.5), ...many(14, 1)])).toBe(100);
  expect(came([...many(6, 0.5), ...many(4, 1)], many(20, 1))).toBe(100);
  for (const windows of [0.5, 1, 2, 3, 4, 6, 12, 40]) expect(came(many(10, 0.5), wearsOff(windows))).toBeLessThan(10);
});
