import { expect, it } from 'vitest';
import { followingClock, systemTimers, wallMs } from '../../src/foundation/clock.ts';

const hourMs = 3_600_000;
const startedMs = 1_700_000_000_000.25;

/** A machine whose system clock can be stepped, and whose thread can be held up between two readings. */
function machine() {
  let [passedMs, steppedMs, heldUpMs] = [0, 0, 0];
  const clock = followingClock({ now: () => passedMs, timeOrigin: startedMs }, () => {
    const unixMs = Math.floor(startedMs + passedMs + steppedMs);
    passedMs += heldUpMs;
    return unixMs;
  });
  return {
    clock,
    pass: (ms: number) => {
      passedMs += ms;
    },
    step: (ms: number) => {
      steppedMs += ms;
    },
    holdUp: (ms: number) => {
      heldUpMs = ms;
    },
    unixMs: () => startedMs + passedMs + steppedMs,
  };
}

it('Unix time follows a step of the system clock, in both directions, while now() goes on as it did', () => {
  const { clock, pass, step, unixMs } = machine();
  for (const ms of [hourMs, -3 * hourMs, 30 * 24 * hourMs]) {
    pass(1234.5);
    const before = clock.now();
    step(ms);
    expect(Math.abs(wallMs(clock) - unixMs())).toBeLessThanOrEqual(1);
    expect(clock.now()).toBe(before);
  }
});

it('without a step Unix time keeps its fractions of a millisecond', () => {
  const { clock, pass, unixMs } = machine();
  for (let reading = 0; reading < 100; reading++) {
    pass(0.37);
    expect(wallMs(clock)).toBe(unixMs());
  }
});

it('a thread that is held up between two readings of its clocks is not taken for a step', () => {
  const { clock, holdUp } = machine();
  holdUp(400);
  expect(clock.timeOrigin).toBe(startedMs);
});

it('a clock that was given its own origin is taken at its word', () => {
  expect(wallMs({ now: () => 5, timeOrigin: 1000 })).toBe(1005);
});

it('a sleep that is longer than a timer of Node can be does not end at once', async () => {
  const over = new AbortController();
  const long = systemTimers.sleep(2 ** 32, { signal: over.signal }).then(
    () => 'ended',
    () => 'aborted',
  );
  await systemTimers.sleep(20, { keepAlive: true });
  over.abort();
  expect(await long).toBe('aborted');
});
