import { describe, expect, it } from 'vitest';
import { applySettings, checkKnobs, effectiveSettings } from '../../tuner/apply.ts';
import { manualTime } from '../support/manual-time.ts';
import { plant } from '../support/plant.ts';

const two = () =>
  plant({
    time: manualTime(),
    rate: () => 1000,
    knobs: [
      { id: 'a', value: 1 },
      { id: 'b', value: 1, refuses: [9] },
    ],
  });

describe('applySettings', () => {
  it('puts back the knobs it moved when a later one refuses', async () => {
    const executor = two();
    await expect(applySettings(executor.knobs, { a: 5, b: 9 })).rejects.toThrow(/b refuses 9/);
    expect(effectiveSettings(executor.knobs)).toEqual({ a: 1, b: 1 });
    expect(executor.applied).toEqual([
      ['a', 5],
      ['a', 1],
    ]);
  });

  it('moves only what differs, unless a real flip of nothing is wanted', async () => {
    const executor = two();
    await applySettings(executor.knobs, { a: 1, b: 2 });
    expect(executor.applied).toEqual([['b', 2]]);
    await applySettings(executor.knobs, { a: 1, b: 2 }, true);
    expect(executor.applied).toEqual([
      ['b', 2],
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('refuses two knobs of one name', () => {
    const [knob] = two().knobs;
    if (!knob) throw new Error('no knob');
    expect(() => checkKnobs([knob, knob])).toThrow(/got 'a' twice/);
  });
});
