/** What is ruled out after a failure, and for how long. */
import { describe, expect, test } from 'vitest';
import { type BackOff, restKnob, ruleOut } from '../../../tuner/predict/memory.ts';

const [restMs, nowMs] = [60_000, 5000];

/** How long `settings` rests after each of so many failures in a row. */
function rests(count: number): readonly number[] {
  let ruledOut: readonly BackOff[] = [];
  return Array.from({ length: count }, () => {
    const next = ruleOut(ruledOut, { size: 4 }, 1, nowMs, restMs);
    ruledOut = next.ruledOut;
    return next.one.untilMs - nowMs;
  });
}

describe('what is ruled out', () => {
  test('a setting that failed rests twice as long after every failure, up to a limit', () => {
    const [first = 0, ...others] = rests(14);
    expect(first).toBe(2 * restMs);
    expect(others.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => first * 2 ** (i + 1)));
    expect(others.at(-1)).toBe(others.at(-2));
  });

  test('failures of one setting are not those of another, and both stay ruled out', () => {
    const once = ruleOut([], { size: 4 }, 3, nowMs, restMs);
    const { ruledOut, one } = ruleOut(once.ruledOut, { size: 8 }, 1, nowMs, restMs);
    expect(one.failures).toBe(1);
    expect(ruledOut.map(({ settings, failures }) => [settings, failures])).toEqual([
      [{ size: 4 }, 3],
      [{ size: 8 }, 1],
    ]);
  });

  test('a knob that failed rests twice as long after every failure', () => {
    const first = restKnob([], 'size', nowMs, restMs);
    const second = restKnob(first.restingKnobs, 'size', nowMs, restMs);
    expect(second.one.untilMs - nowMs).toBe(2 * (first.one.untilMs - nowMs));
    expect(second.restingKnobs).toHaveLength(1);
  });
});

test('what ended more than a day ago is ruled out no longer, and its failures are forgotten', () => {
  const dayMs = 86_400_000;
  const first = ruleOut([], { size: 8 }, 3, 0, 1000);
  const soon = ruleOut(first.ruledOut, { size: 16 }, 1, dayMs / 2, 1000);
  expect(soon.ruledOut).toHaveLength(2);
  const late = ruleOut(soon.ruledOut, { size: 32 }, 1, 3 * dayMs, 1000);
  expect(late.ruledOut.map((one) => one.settings)).toEqual([{ size: 32 }]);
});
