import { expect, it } from 'vitest';
import { emptyWindow } from '../../../../bench/worlds/window.ts';
import type { Measured, Settings, Window } from '../../../../src/contracts.ts';
import { parseGoal } from '../../../../tuner/goal.ts';
import {
  harmedMsOf,
  keepsGuardrails,
  undoneVisit,
  visitOf,
  withFound,
} from '../../../../tuner/predict/search/visit.ts';
import { ok, took } from '../seen.ts';

const goal = parseGoal({ maximize: 'throughput', subjectTo: ['p99 < 50ms', 'errors < 0.1%'] });

/** A second of a thousand calls. */
function second(fromS: number, settings: Settings, latencyMs: number, failed = 0): Window {
  return emptyWindow({
    settings,
    startMs: fromS * 1000,
    endMs: fromS * 1000 + 1000,
    offered: 1000 + failed,
    outcomes: { ...ok, ok: 1000, trap: failed },
    latency: took(latencyMs, 1000),
    service: took(latencyMs, 1000),
  });
}

const from = { codec: 'gzip' };
const to = { codec: 'none' };
const before = [0, 1, 2, 3].map((s) => second(s, from, 10));
const beside = { goal, from, before, overloaded: false, sigmaD: 0.05 };
const visited = (latencyMs: number, failed = 0): readonly Measured[] => [
  { arm: 'candidate', window: second(4, to, latencyMs, failed) },
];
const keeps = (windows: readonly Measured[]) => keepsGuardrails((windows[0] as Measured).window, windows, beside);

it('a window of a visit that plainly breaks a limit counts as harm, also where as many calls succeed', () => {
  for (const broken of [visited(80), visited(10, 200)]) {
    expect(keeps(broken)).toBe(false);
    expect(harmedMsOf(broken, beside)).toBe(1000);
    expect(visitOf(to, broken, beside)?.gain).toBeLessThan(0);
  }
});

it('a window of a visit that keeps every limit and serves as many calls is no harm', () => {
  expect(keeps(visited(12))).toBe(true);
  expect(harmedMsOf(visited(12), beside)).toBe(0);
});

it('a limit that the setting in force breaks as much is not the fault of a visit', () => {
  const slow = { ...beside, before: [0, 1, 2, 3].map((s) => second(s, from, 80)) };
  expect(harmedMsOf(visited(80), slow)).toBe(0);
});

it('what a commit that was undone had gained in its trial and probes counts no more', () => {
  const gained = { settings: to, from, gain: 0.1, sd: 0.01, windows: 20 };
  const other = { settings: { codec: 'br' }, from, gain: 0.02, sd: 0.01, windows: 3 };
  const undone = undoneVisit({ baseline: from, candidate: to, pairs: [] });
  const [first, second] = withFound([gained, other, gained], undone, true);
  expect(first).toEqual(other);
  expect(second).toMatchObject({ settings: to, from });
  expect(second?.gain).toBeLessThan(0);
});
