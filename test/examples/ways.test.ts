/** What the page says of the way that calls travel. */

import type { Settings } from 'sandtune';
import type { ReportData } from 'sandtune/exporters';
import { expect, it } from 'vitest';
import { waysSeenIn, waysText } from '../../examples/demo/ways.ts';
import { goodResult } from './sample-result.ts';

type PointData = ReportData['points'][number];
const start = { threads: 3, batchSize: 1, transport: 'message' };

const point = (parts: Partial<PointData>): PointData => ({
  source: 'probe',
  label: '',
  settings: start,
  value: 1,
  low: 1,
  high: 1,
  whisker: '',
  windows: 3,
  beside: null,
  multiple: null,
  ...parts,
});
const times = (value: number) => ({ value, low: value, high: value });

it('of each way the best that was seen before the choice counts, first of what can be compared with the start', () => {
  const ring = { ...start, transport: 'ring' };
  const points = [
    point({ source: 'baseline', multiple: times(1) }),
    point({ settings: { ...start, batchSize: 16 }, multiple: times(3) }),
    point({ source: 'trial', settings: { ...start, batchSize: 32 }, multiple: times(3.5) }),
    point({ settings: ring, multiple: times(2.5) }),
    point({ settings: { ...ring, threads: 2 } }),
    point({ source: 'sweep', settings: { ...ring, threads: 1 }, multiple: times(9) }),
  ];
  expect(waysSeenIn({ points, start, visits: [] }).map(({ transport, multiple }) => [transport, multiple])).toEqual([
    ['message', 3.5],
    ['ring', 2.5],
  ]);
});

const visit = (settings: Settings, from: Settings, times: number, sd = 0.06, undoes?: true) => ({
  visit: { settings, from, gain: Math.log(times), sd, windows: 3 },
  ...(undoes && { undoes }),
});

it('what the tuner held against the start itself goes before what a chain of trials leads to', () => {
  const ring = { ...start, transport: 'ring' };
  const batched = { ...start, batchSize: 16 };
  const points = [
    point({ settings: batched, windows: 1 }),
    point({ source: 'trial', settings: ring, multiple: times(2.25) }),
    point({ source: 'trial', settings: { ...start, threads: 2 }, multiple: times(0.6), windows: 2 }),
    point({ source: 'trial', settings: start, multiple: times(9) }),
  ];
  const visits = [visit(batched, start, 1.9), visit(ring, start, 1.3), visit({ ...start, threads: 2 }, ring, 0.3)];
  const seen = () => waysSeenIn({ points, start, visits }).map((one) => [one.transport, one.multiple?.toFixed(2)]);
  expect(seen()).toEqual([
    ['message', '1.90'],
    ['ring', '1.30'],
  ]);
  visits.push(visit(ring, start, 2.3, 0.04), visit(batched, start, 5, 0.3));
  expect(seen()).toEqual([
    ['message', '1.90'],
    ['ring', '2.30'],
  ]);
  visits.push(visit(batched, start, 0.9, 0.1, true));
  expect(seen()).toContainEqual(['message', '0.90']);
});

it('a look that was made beside nothing counts as a look, and tells calls a second', () => {
  const ring = { ...start, transport: 'ring' };
  const ways = waysSeenIn({ points: [point({ settings: ring, value: 23_900 })], start, visits: [] });
  expect(ways).toMatchObject([{ transport: 'ring', multiple: null, perSecond: 23_900 }]);
  expect(waysText({ ...goodResult, ways })).toMatch(/the tuner saw 23,900\/s in shared memory \(.*; 3 windows\)$/);
});

it('the better way is told first, with how calls travel now', () => {
  expect(waysText(goodResult)).toBe(
    'calls travel in messages; the tuner saw × 3.1 of the start in messages (batchSize 1 → 64; 3 windows) and × 2.4 of the start in shared memory (transport message → ring; 3 windows)',
  );
});

it('what was not looked at is said', () => {
  const { start: from } = goodResult;
  expect(waysText({ start: from, chosen: from, ways: [] })).toBe(
    'calls travel in messages; the tuner looked at nothing else',
  );
  expect(waysText({ ...goodResult, ways: goodResult.ways.slice(1) })).toMatch(/; shared memory was not looked at$/);
});
