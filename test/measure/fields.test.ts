import { describe, expect, it } from 'vitest';
import { type FieldName, fields, joinFields, newCounters, takeCounters } from '../../src/measure/fields.ts';
import { bench } from './support.ts';

const names = Object.keys(fields) as FieldName[];

describe('the counters of two adjoining stretches of time', () => {
  it('counters of two adjoining stretches add up, except that of two peaks the higher one stays', () => {
    const values = (of: (place: number) => number) =>
      Object.fromEntries(names.map((name, place) => [name, of(place)])) as Record<FieldName, number>;
    const joined = joinFields(
      values((place) => 10 + place),
      values((place) => 20 - place),
    );
    for (const [place, name] of names.entries()) {
      expect([name, joined[name]]).toEqual([name, fields[name].kind === 'max' ? Math.max(10 + place, 20 - place) : 30]);
    }
  });
});

describe('taking the counters', () => {
  it('takeCounters hands over what was counted and begins again from zero, in the same object', () => {
    const counters = newCounters();
    counters.offered = 3;
    counters.peakBytes = 7;
    const taken = takeCounters(counters);
    expect(taken).toMatchObject({ offered: 3, peakBytes: 7 });
    expect(counters).toEqual(newCounters());
  });
});

describe('a window', () => {
  it('a window shows every counter of the table where its row says, and no other', () => {
    const { recorder, readings } = bench({ gauges: { ownWaitMs: () => 3 } });
    readings.idleCpuMs = 5;
    using open = recorder.openWindow();
    const window = open.cut();
    const shown = (place: string) => names.filter((name) => fields[name].shownIn === place);
    expect(Object.keys(window)).toEqual(expect.arrayContaining(shown('window')));
    expect(Object.keys(window.work).toSorted()).toEqual([...shown('work'), 'busyFraction'].toSorted());
    for (const hidden of shown('nothing')) expect(window).not.toHaveProperty(hidden);
  });
});
