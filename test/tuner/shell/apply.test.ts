import { describe, expect, it } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import type { Knob } from '../../../src/contracts.ts';
import { applySettings, effectiveSettings } from '../../../tuner/shell/apply.ts';
import { returnTo } from '../../../tuner/shell/return-to.ts';
import { ratedWorld } from '../../support/tuned-world.ts';

const two = () =>
  ratedWorld({
    rate: () => 1000,
    knobs: [
      { id: 'a', defaultValue: 1 },
      { id: 'b', defaultValue: 1, refuses: (value) => value === 9 },
    ],
  });

describe('applySettings', () => {
  it('names the knob that refuses, and moves none after it', async () => {
    const { executor } = two();
    const third: Knob = { ...(executor.knobs[0] as Knob), id: 'c' };
    await expect(applySettings([...executor.knobs, third], { a: 5, b: 9, c: 6 })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_KNOB',
      message: 'b refuses 9',
      knobs: [{ id: 'b', value: 9 }],
    });
    expect(effectiveSettings(executor.knobs)).toEqual({ a: 5, b: 1 });
  });

  it('applySettings moves only what differs, unless every knob is to be applied', async () => {
    const { executor, applied } = two();
    await applySettings(executor.knobs, { a: 1, b: 2 });
    expect(applied).toEqual([['b', 2]]);
    await applySettings(executor.knobs, { a: 1, b: 2 }, true);
    expect(applied).toEqual([
      ['b', 2],
      ['a', 1],
      ['b', 2],
    ]);
  });
});

describe('returnTo', () => {
  it('returnTo brings every other knob back where one can neither be read nor set, and names that one', async () => {
    const { executor } = two();
    const [a, b] = executor.knobs as [Knob, Knob];
    await applySettings(executor.knobs, { a: 5, b: 5 });
    const broken = (): never => {
      throw new Error('broken');
    };
    const patience = { ...manualTime(), limitMs: 10_000 };
    const partly = { ...executor, knobs: [{ ...a, read: broken, apply: broken }, b] };
    await expect(returnTo(partly, { a: 1, b: 1 }, patience)).rejects.toThrow(/left a at 5 instead of 1 \(broken\)$/);
    expect(effectiveSettings(executor.knobs)).toEqual({ a: 5, b: 1 });
  });
});
