import { expect, test } from 'vitest';
import { randomStream } from '../../../src/foundation/random.ts';
import { inferLoad } from '../../../tuner/trial/infer-load.ts';
import { type RoundsOf, windowsOfRounds } from './build-rounds.ts';
import { windowOf } from './build-window.ts';

const cuts = (backlogs: readonly number[]) =>
  backlogs.slice(1).map((end, i) => windowOf({ backlog: [backlogs[i] as number, end] }));

test('a backlog that stands still above zero is a closed loop', () => {
  expect(inferLoad(cuts(Array(12).fill(256)))).toBe('closed');
  expect(inferLoad(cuts(Array(12).fill(1)))).toBe('closed');
  expect(inferLoad(cuts([64, 63, 64, 64, 62, 64, 63, 64]))).toBe('closed');
});

test('a backlog that comes and goes, grows or is empty is an open loop', () => {
  const random = randomStream(1, 'infer');
  const poisson = Array.from({ length: 20 }, () =>
    Array.from({ length: 40 }, () => (random() < 0.1 ? 1 : 0) as number).reduce((a, b) => a + b, 0),
  );
  expect(inferLoad(cuts(poisson))).toBe('open');
  expect(inferLoad(cuts(Array(12).fill(0)))).toBe('open');
  expect(inferLoad(cuts([0, 50, 100, 150, 200, 250, 300]))).toBe('open');
});

test('too few windows are taken for an open loop', () => {
  expect(inferLoad(cuts([64, 64, 64]))).toBe('open');
});

const random = randomStream(7, 'rounds');
const between = (low: number, high: number) => low + (high - low) * random();
const atRandom = (meanMs: number) => -Math.log(1 - random()) * meanMs;

/** Rounds of calls that take 15 to 25 ms. `nextMs`: from the end of one to the beginning of the next, or from beginning to beginning. */
const rounds = (of: Partial<RoundsOf>) => windowsOfRounds({ takesMs: () => between(15, 25), ...of });

test('calls that come together when all of the former ones are back are a closed loop, also after a pause of the caller', () => {
  expect(inferLoad(rounds({ afterEndMs: () => 0.05 }))).toBe('closed');
  expect(inferLoad(rounds({ afterEndMs: () => between(29, 31) }))).toBe('closed');
  expect(inferLoad(rounds({ afterEndMs: () => 0.05, takesMs: () => between(350, 450) }))).toBe('closed');
});

test('one long pause of the host does not hide that rounds wait for answers', () => {
  const withPause = rounds({ afterEndMs: (round) => (round === 40 ? 900 : between(4, 6)) });
  expect(inferLoad(withPause)).toBe('closed');
});

test('calls that a timer brings together are an open loop, also where they are always back before the next', () => {
  expect(inferLoad(rounds({ afterStartMs: () => between(49, 51) }))).toBe('open');
  expect(inferLoad(rounds({ afterStartMs: () => between(26, 26.5) }))).toBe('open');
  expect(inferLoad(rounds({ afterStartMs: () => between(49, 51), takesMs: () => 5 }))).toBe('open');
  expect(inferLoad(rounds({ afterStartMs: () => 20.5, takesMs: () => between(19.8, 20.2) }))).toBe('open');
});

test('calls that come together at random times are an open loop, whether few or many find others in flight', () => {
  for (const meanMs of [21, 30, 60, 400])
    expect(inferLoad(rounds({ afterStartMs: () => atRandom(meanMs) }))).toBe('open');
});

test('windows that tell nothing of rounds, or of too few, are taken for an open loop', () => {
  const untold = { rounds: undefined, freshRounds: undefined, freshGapMs: undefined } as object;
  expect(inferLoad(rounds({ afterEndMs: () => 0.05 }).map((window) => ({ ...window, ...untold })))).toBe('open');
  expect(inferLoad(rounds({ afterEndMs: () => 0.05, takesMs: () => between(900, 1100) }).slice(0, 5))).toBe('open');
});
