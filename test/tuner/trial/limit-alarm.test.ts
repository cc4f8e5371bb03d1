import { describe, expect, test } from 'vitest';
import type { Distribution, Settings, Window } from '../../../src/contracts.ts';
import { parseGuardrail } from '../../../tuner/goal.ts';
import { alarmAfter, type LimitAlarm, noAlarm, type Turned } from '../../../tuner/trial/limit-alarm.ts';
import { brokenNow } from '../../../tuner/trial/limits-now.ts';
import { type Sketch, windowOf } from './build-window.ts';

const settings = { threads: 2 };

/** A window of so many calls, of which some take `slowMs` and the others 10 ms. */
function withSlow(count: number, slow: number, sketch: Sketch = {}, slowMs = 100): Window {
  const both = [
    [10, count - slow],
    [slowMs, slow],
  ] as const;
  const there = both.filter(([, calls]) => calls > 0);
  const latency: Distribution = {
    count,
    sumMs: 10 * (count - slow) + slowMs * slow,
    minMs: there[0]?.[0] ?? 0,
    maxMs: there.at(-1)?.[0] ?? 0,
    boundsNs: there.map(([ms]) => ms * 1e6),
    counts: there.map(([, calls]) => calls),
  };
  return { ...windowOf({ ok: count, settings, ...sketch }), latency };
}

function alarmOf(...texts: readonly string[]) {
  let alarm: LimitAlarm = noAlarm;
  const limits = texts.map(parseGuardrail);
  return {
    newest: () => alarm.newest,
    read: (window: Window, inForce: Settings = settings): readonly Turned[] => {
      const next = alarmAfter(alarm, limits, window, inForce);
      alarm = next.alarm;
      return next.turned;
    },
  };
}

describe('the alarm of a limit', () => {
  test('tells after two windows what a report of the same windows says, and is silent until it is kept again', () => {
    const { read, newest } = alarmOf('p99 < 50ms', 'errors < 1%');
    expect(read(withSlow(1000, 30))).toEqual([]);
    const [told, ...others] = read(withSlow(1000, 30));
    expect(others).toEqual([]);
    const [said] = brokenNow([parseGuardrail('p99 < 50ms')], newest());
    expect(told).toMatchObject({ is: 'broken', value: said?.value, calls: said?.calls, limit: { text: 'p99 < 50ms' } });
    for (let i = 0; i < 50; i++) expect(read(withSlow(1000, 30))).toEqual([]);
    expect([read(withSlow(1000, 0)), read(withSlow(1000, 0))].flat()).toMatchObject([{ is: 'kept', value: 10 }]);
  });

  test('tells of a limit as soon beside one that takes many more calls to read', () => {
    const { read } = alarmOf('p99 < 50ms', 'errors < 0.001%');
    for (let i = 0; i < 100; i++) expect(read(withSlow(1000, 2))).toEqual([]);
    expect([read(withSlow(1000, 30)), read(withSlow(1000, 30))].flat()).toMatchObject([{ is: 'broken' }]);
    expect([read(withSlow(1000, 2)), read(withSlow(1000, 2))].flat()).toMatchObject([{ is: 'kept' }]);
  });

  test('does not tell of a limit as kept again while calls are just below it', () => {
    const { read } = alarmOf('p99 < 95ms');
    const just = () => withSlow(1000, 30, {}, 90);
    expect([read(withSlow(1000, 30)), read(withSlow(1000, 30))].flat()).toMatchObject([{ is: 'broken' }]);
    for (let i = 0; i < 20; i++) expect(read(just())).toEqual([]);
    expect([read(withSlow(1000, 0)), read(withSlow(1000, 0))].flat()).toMatchObject([{ is: 'kept' }]);
  });

  test('tells a limit of few calls that breaks by far after two windows, and one that breaks by little after more', () => {
    const far = alarmOf('p99 < 50ms');
    expect([far.read(withSlow(250, 20)), far.read(withSlow(250, 20))].flat()).toMatchObject([{ is: 'broken' }]);
    const little = alarmOf('p99 < 50ms');
    const told = Array.from({ length: 6 }, () => little.read(withSlow(250, 4))).findIndex((one) => one.length > 0);
    expect(told).toBeGreaterThan(1);
  });

  test.each<readonly [string, Sketch, string]>([
    ['failures', { ok: 900, others: { trap: 100 } }, 'errors < 1%'],
    ['a mean that is too long', { ok: 1000, meanMs: 20 }, 'mean < 10ms'],
    ['CPU', { ok: 1000, cpuMs: 3000 }, 'cpu < 2ms'],
  ])('tells of %s', (_, sketch, text) => {
    const { read } = alarmOf(text);
    const window = windowOf({ ...sketch, settings });
    expect([read(window), read(window)].flat()).toMatchObject([{ is: 'broken', limit: { text } }]);
  });

  test('reads no window at another setting, none in which a knob moved, and begins anew with another setting', () => {
    const { read } = alarmOf('p99 < 50ms');
    const bad = withSlow(1000, 50);
    const others = [withSlow(1000, 50, { settings: { threads: 3 } }), { ...bad, steady: false }];
    for (const one of [...others, ...others]) expect(read(one)).toEqual([]);
    expect(read(bad)).toEqual([]);
    const inForce = { threads: 3 };
    expect(read(withSlow(1000, 50, { settings: inForce }), inForce)).toEqual([]);
    expect(read(withSlow(1000, 50, { settings: inForce }), inForce)).toHaveLength(1);
  });

  test('has nothing to say where there are no limits, or no calls', () => {
    expect(alarmAfter(noAlarm, [parseGuardrail('p99 within 10%')], withSlow(1000, 50), settings).alarm).toBe(noAlarm);
    const { read } = alarmOf('p99 < 50ms', 'errors < 1%');
    for (let i = 0; i < 5; i++) expect(read(windowOf({ ok: 0, offered: 0, backlog: 0, settings }))).toEqual([]);
  });
});
