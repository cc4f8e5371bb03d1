import { expect, test } from 'vitest';
import { randomStream } from '../../../src/foundation/random.ts';
import { inferLoad } from '../../../tuner/trial/infer-load.ts';
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
