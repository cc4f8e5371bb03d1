import { expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { applySettings, effectiveSettings } from '../../../tuner/shell/apply.ts';

it('a knob that was asked for more than it takes has failed, although it says that it was asked', async () => {
  const { executor } = makeWorld(worldNamed('knob-falls-short'), 1);
  await expect(applySettings(executor.knobs, { concurrency: 16 })).rejects.toThrow(/expected 16 in force.*read 12/);
  await expect(applySettings(executor.knobs, { concurrency: 10 })).resolves.toBeUndefined();
  expect(effectiveSettings(executor.knobs)).toEqual({ concurrency: 10 });
});
