import { describe, expect, it } from 'vitest';
import { applySettings, checkKnobs, effectiveSettings } from '../../../tuner/shell/apply.ts';
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
  it('puts back the knobs it moved when a later one refuses', async () => {
    const { executor, applied } = two();
    await expect(applySettings(executor.knobs, { a: 5, b: 9 })).rejects.toThrow(/b refuses 9/);
    expect(effectiveSettings(executor.knobs)).toEqual({ a: 1, b: 1 });
    expect(applied).toEqual([
      ['a', 5],
      ['a', 1],
    ]);
  });

  it('moves only what differs, unless a real flip of nothing is wanted', async () => {
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

  it('refuses two knobs of one name', () => {
    const [knob] = two().executor.knobs;
    if (!knob) throw new Error('no knob');
    expect(() => checkKnobs([knob, knob])).toThrow(/got 'a' twice/);
  });
});
