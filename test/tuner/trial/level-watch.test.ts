import { expect, test } from 'vitest';
import type { Window } from '../../../src/contracts.ts';
import { watchedWith, watchFrom } from '../../../tuner/trial/level-watch.ts';
import { type Sketch, windowOf } from './build-window.ts';

const settings = { size: 1 };
const throughput = { metric: 'throughput', direction: 'maximize' } as const;
/** Alike, but for a little noise. */
const reference = Array.from({ length: 20 }, (_, i) => windowOf({ ok: 1000 + 10 * (i % 5), settings }));

/** What is seen of one window after the other. */
function watched(windows: readonly Window[]) {
  let watch = watchFrom(settings, 'closed', throughput, reference);
  return windows.map((window) => {
    const next = watchedWith(watch, [window], reference);
    watch = next.watch;
    return next.seen;
  });
}
const some = (count: number, sketch: Sketch) => Array.from({ length: count }, () => windowOf({ settings, ...sketch }));

test('a level that falls by half is seen within four windows, and not in one, and told as what fell', () => {
  const [first, ...others] = watched(some(4, { ok: 500, meanMs: 10 }));
  expect(first).toBeNull();
  expect(others.find((seen) => seen !== null)).toMatchObject({ of: 'level', to: expect.closeTo(500, 6) });
});

test.each<readonly [string, Sketch]>([
  ['at another setting', { settings: { size: 2 } }],
  ['in which a knob moved', { steady: false }],
  ['in which nobody called', { ok: 0, offered: 0, backlog: 0 }],
])('windows %s are not watched', (_, sketch) => {
  expect(watched(some(10, { ok: 500, ...sketch })).every((seen) => seen === null)).toBe(true);
});

test('more calls in flight are a load that went up, whatever else moved with it', () => {
  const seen = watched(some(4, { ok: 900, backlog: 32 })).find((one) => one !== null);
  expect(seen).toMatchObject({ of: 'load', to: 32 });
});
