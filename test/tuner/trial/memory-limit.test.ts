import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Visit, Window } from '../../../src/contracts.ts';
import { parseGuardrail } from '../../../tuner/goal.ts';
import { alarmAfter, noAlarm } from '../../../tuner/trial/limit-alarm.ts';
import { brokenNow, keptNow, type Limit } from '../../../tuner/trial/limits-now.ts';
import { hasRoom, roomFor, roomText, rssWithin } from '../../../tuner/trial/memory-limit.ts';

const MB = 1e6;
const limit = parseGuardrail('rss < 500MB') as Limit;
const holding = (mb: number, threads = 4, rest: Partial<Window> = {}): Window =>
  emptyWindow({ settings: { threads }, rssBytes: mb * MB, ...rest });
const windows = (...mb: readonly number[]) => mb.map((one) => holding(one));

describe('a limit of memory in a trial', () => {
  const read = (baseline: readonly number[], candidate: readonly number[], before?: number) =>
    rssWithin(500 * MB, { baseline: windows(...baseline), candidate: windows(...candidate) }, before);

  it('holds once four windows of each arm stayed below it', () => {
    expect(read([300, 300, 300], [400, 400, 400]).state).toBe('undecided');
    expect(read([300, 300, 300, 300], [400, 499, 400, 400]).state).toBe('holds');
  });

  it('is broken by two windows beyond it, also of the baseline, which holds what the candidate has started', () => {
    expect(read([300, 300], [501, 300]).state).toBe('undecided');
    expect(read([501], [501]).state).toBe('broken');
    expect(read([520, 520], [300, 300]).state).toBe('broken');
  });

  it('allows what was held before the trial, and no more', () => {
    expect(read([600, 600, 600, 600], [605, 605, 605, 605], 600 * MB).state).toBe('holds');
    expect(read([600, 600, 600, 600], [640, 640, 640, 640], 600 * MB)).toMatchObject({ state: 'broken' });
    expect(read([600], [640]).detail()).toBe('at most 610 MiB with the resources of both settings, limit 477 MiB');
  });
});

describe('a limit of memory now', () => {
  it('is broken while each of the two newest windows is beyond it', () => {
    expect(brokenNow([limit], windows(600, 400))).toEqual([]);
    expect(brokenNow([limit], windows(400, 600, 601))).toMatchObject([{ value: 600 * MB, calls: 0, windows: 2 }]);
    expect(keptNow([limit], windows(600, 400))).toEqual([limit]);
    expect(brokenNow([limit], [emptyWindow({}), emptyWindow({})])).toEqual([]);
  });

  it('is said at the second window beyond it whatever setting these are of, and once', () => {
    let alarm = noAlarm;
    const said = [450, 600, 601, 602, 480, 480].map((mb, i) => {
      const next = alarmAfter(
        alarm,
        [limit],
        holding(mb, i % 2 === 0 ? 4 : 8, { startMs: 5000 * i, endMs: 5000 * i + 5000 }),
        { threads: 4 },
      );
      alarm = next.alarm;
      return next.turned.map(({ is, value }) => `${is} ${value / MB}`).join();
    });
    expect(said).toEqual(['', '', 'broken 601', '', '', 'kept 480']);
  });
});

describe('the threads that fit', () => {
  const here = windows(200, 200, 200);
  const roomIn = (seen: readonly Window[], visits: readonly Visit[] = []) =>
    roomFor([limit], seen, { threads: 4 }, visits);
  const rose = (to: number, from: number, beforeMb: number, thenMb: number): Visit => ({
    settings: { threads: to },
    from: { threads: from },
    gain: 0,
    sd: 0.1,
    windows: 4,
    rss: { beforeBytes: beforeMb * MB, thenBytes: thenMb * MB },
  });

  it('are none too many where nobody has seen a worker added: each is taken to hold its share of everything', () => {
    expect(roomIn(here)).toMatchObject({ perWorkerBytes: 50 * MB, threads: 10 });
    expect(roomText(roomIn(here) as never)).toBe(
      'of rss < 500MB 191 MiB are used, and a worker takes 48 MiB (at most, for none was added yet), so that at most 10 threads fit',
    );
  });

  it('are as many as the memory of those that were added says', () => {
    expect(roomIn(here, [rose(6, 4, 200, 260)])).toMatchObject({
      perWorkerBytes: 30 * MB,
      seenWorkers: 2,
      threads: 14,
    });
    expect(roomText(roomIn(here, [rose(6, 4, 200, 260)]) as never)).toContain('(as 2 took that were added)');
  });

  it('are not counted by workers that others had made room for before', () => {
    const visits = [rose(8, 4, 200, 400), rose(6, 4, 400, 400)];
    expect(roomIn(here, visits)).toMatchObject({ perWorkerBytes: 50 * MB, seenWorkers: 4 });
  });

  it('are never counted by less than what a worker takes with nothing in it, and the guests it has', () => {
    expect(roomIn(here, [rose(8, 4, 200, 201)])).toMatchObject({ perWorkerBytes: 7 * MB });
    const guests = here.map((one) => ({ ...one, guestBytes: 40 * MB }));
    expect(roomIn(guests, [rose(8, 4, 200, 201)])).toMatchObject({ perWorkerBytes: 17 * MB });
  });

  it('are one more to learn from where a worker might hold too much, if there is room for some with nothing in them', () => {
    expect(roomIn(windows(470, 470))).toMatchObject({ threads: 5 });
    expect(roomIn(windows(490, 490))).toMatchObject({ threads: 4 });
  });

  it('are fewer than there are where the limit is broken', () => {
    expect(roomIn(windows(610, 610))).toMatchObject({ threads: 3 });
  });

  it('bound more threads, and never fewer', () => {
    const room = roomIn(here);
    expect(hasRoom(room, { threads: 4 }, { threads: 10 })).toBe(true);
    expect(hasRoom(room, { threads: 4 }, { threads: 11 })).toBe(false);
    expect(hasRoom(roomIn(windows(610, 610)), { threads: 4 }, { threads: 4, batchSize: 8 })).toBe(true);
    expect(hasRoom(null, { threads: 4 }, { threads: 64 })).toBe(true);
  });

  it('are not known without a limit, without windows that tell, or without such a knob', () => {
    expect(roomFor([parseGuardrail('p99 < 50ms')], here, { threads: 4 })).toBeNull();
    expect(roomFor([limit], [emptyWindow({ settings: { threads: 4 } })], { threads: 4 })).toBeNull();
    expect(roomFor([limit], [holding(200, 4, { settings: { size: 4 } })], { size: 4 })).toBeNull();
  });
});
