import { expect, test } from 'vitest';
import type { LoadSigns } from '../../../tuner/entries/known-load.ts';
import { isSameLevel, likeness, signsOf } from '../../../tuner/trial/load-signs.ts';
import { type Sketch, windowOf } from './build-window.ts';

const objective = { metric: 'throughput', direction: 'maximize' } as const;

/** Of twenty windows of one second. */
function signs(part: Partial<LoadSigns> = {}, sketch: Sketch = {}): LoadSigns {
  const windows = Array.from({ length: 20 }, (_, i) => windowOf({ ...sketch, startMs: 1000 * i }));
  const { load = 'closed' } = part;
  const facts = {
    load,
    cpus: 4,
    objective,
    inForce: { threads: 2 },
    atMs: Date.UTC(2026, 0, 1, 22),
  } as const;
  return { ...(signsOf(windows, facts) ?? expect.fail('no signs')), ...part };
}
const open = (sketch: Sketch, part: Partial<LoadSigns> = {}) => signs({ load: 'open', ...part }, sketch);

test('what windows tell of a load is its size, its mix, the hour, and how the setting in force does under it', () => {
  const told = signs({}, { ok: 500, backlog: 12, functions: { read: 400, write: 100 } });
  expect(told.size.value).toBe(12);
  expect(told.mix).toEqual({ read: 0.8, write: 0.2 });
  expect(told.hour).toBe(22);
  expect(told.level?.value).toBe(500);
  expect(told.latency?.value).toBeCloseTo(10, 0);
  expect(signsOf([], { load: 'open', cpus: 1, objective, inForce: {}, atMs: 0 })).toBeNull();
});

test('a load is surely known again where the setting in force does as well as then', () => {
  expect(likeness(signs(), signs({ hour: 3 }, { ok: 1050 }))).toMatchObject({ sure: true });
});

test.each<readonly [string, LoadSigns]>([
  ['the setting in force does half as well', signs({}, { ok: 500 })],
  ['calls take half as long again', signs({}, { meanMs: 15 })],
  ['half as many calls are in flight', signs({}, { backlog: 4 })],
  ['a third of the calls are of another function', signs({}, { functions: { work: 666, other: 334 } })],
  ['there are fewer CPUs', signs({ cpus: 2 })],
  ['calls come by themselves', signs({ load: 'open' })],
])('a load is another where %s', (_, now) => {
  expect(likeness(signs(), now)).toBeNull();
});

test('under another setting an open load of that size may be known, and a closed one only about the same hour', () => {
  const inForce = { threads: 8 };
  expect(likeness(open({}), open({ ok: 1100 }, { inForce, hour: 9 }))).toMatchObject({ sure: false });
  expect(likeness(open({}), open({ ok: 2000 }, { inForce }))).toBeNull();
  expect(likeness(signs({ hour: 23.5 }), signs({ inForce, hour: 0.5 }))).toMatchObject({ sure: false });
  expect(likeness(signs({ hour: 22 }), signs({ inForce, hour: 2 }))).toBeNull();
});

test('of two loads that are alike the one of the same hour is nearer', () => {
  const [near, far] = [21, 10].map((hour) => likeness(signs({ hour }), signs())?.distance ?? expect.fail('not alike'));
  expect(near).toBeLessThan(Number(far));
});

test('a level whose mean is not known well is compared less strictly', () => {
  const level = { value: 1000, error: 0.1 };
  expect(isSameLevel({ value: 1300, error: 0.1 }, level)).toBe(true);
  expect(isSameLevel({ value: 1300, error: 0.001 }, { ...level, error: 0.001 })).toBe(false);
  expect(isSameLevel(null, level)).toBe(false);
});
