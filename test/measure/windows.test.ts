import { describe, expect, it } from 'vitest';
import type { Window } from '../../src/contracts.ts';
import { windows } from '../../src/measure/windows.ts';
import { bench, ran } from './support.ts';

/** Counts how many windows are open. */
function watched(room: ReturnType<typeof bench>) {
  let openCount = 0;
  return {
    openCount: () => openCount,
    executor: {
      openWindow() {
        openCount++;
        const open = room.recorder.openWindow();
        return {
          cut: () => open.cut(),
          get settledCount() {
            return open.settledCount;
          },
          [Symbol.dispose]() {
            openCount--;
            open[Symbol.dispose]();
          },
        };
      },
    },
  };
}

describe('windows', () => {
  it('windows follow each other without a gap and miss no call, also of a slow consumer', async () => {
    const room = bench();
    const { executor, openCount } = watched(room);
    const seen: Window[] = [];
    for await (const window of windows(executor, 100, { timers: room.time.timers })) {
      seen.push(window);
      if (seen.length === 3) break;
      room.call('f', 30);
    }
    expect(seen.map((window) => window.outcomes.ok)).toEqual([0, 1, 1]);
    expect(seen.map((window) => window.endMs - window.startMs)).toEqual([100, 130, 130]);
    expect(seen[1]?.startMs).toBe(seen[0]?.endMs);
    expect(openCount()).toBe(0);
  });

  it('windows end without an error when aborted, and their accounting with them', async () => {
    const room = bench();
    const { executor, openCount } = watched(room);
    const stop = new AbortController();
    let count = 0;
    for await (const _window of windows(executor, 100, { timers: room.time.timers, signal: stop.signal })) {
      if (++count === 2) stop.abort(new Error('enough'));
    }
    expect(count).toBe(2);
    expect(openCount()).toBe(0);
  });

  it('windows end when they are aborted during a sleep', async () => {
    const room = bench();
    const { executor, openCount } = watched(room);
    const stop = new AbortController();
    const timers = {
      async sleep() {
        stop.abort(new Error('enough'));
        throw stop.signal.reason;
      },
    };
    for await (const _window of windows(executor, 100, { timers, signal: stop.signal })) expect.unreachable();
    expect(openCount()).toBe(0);
  });

  it('windows of an executor that was closed end with the one in which its last call did', async () => {
    const room = bench();
    const call = room.offer('f');
    const seen: Window[] = [];
    for await (const window of windows(room.recorder, 100, { timers: room.time.timers })) {
      seen.push(window);
      room.recorder.close();
      if (seen.length === 2) call.ok(1, ran({}));
      if (seen.length > 3) expect.unreachable();
    }
    expect(seen.map(({ outcomes, backlogAtEnd }) => [outcomes.ok, backlogAtEnd])).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
    ]);
    for await (const _window of windows(room.recorder, 100, { timers: room.time.timers })) expect.unreachable();
  });

  it('windows pass on a failure of the timers', async () => {
    const room = bench();
    const timers = { sleep: () => Promise.reject(new Error('no time')) };
    await expect(windows(room.recorder, 100, { timers })[Symbol.asyncIterator]().next()).rejects.toThrow('no time');
  });

  it('windows refuse an interval that is not above 0', () => {
    const room = bench();
    expect(() => windows(room.recorder, 0, { timers: room.time.timers })).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION' }),
    );
  });
});
