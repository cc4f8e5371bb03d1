import { expect, it, vi } from 'vitest';
import { replay } from '../../../tuner/replay.ts';
import { betterFromEight, tunedWorld } from '../../support/tuned-world.ts';

it('a knob that gives no patch keeps nobody from committing its value, and is told of once, in a warning and in the ledger', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { tuner, world } = tunedWorld({ rate: betterFromEight });
  const [knob] = world.executor.knobs;
  vi.spyOn(knob as NonNullable<typeof knob>, 'patch').mockImplementation(() => {
    throw new Error('nowhere to edit');
  });
  await expect(tuner.propose({ size: 8 })).resolves.toMatchObject({ decision: 'commit' });
  await expect(tuner.propose({ size: 2 })).resolves.toBeDefined();
  await tuner.stop();
  expect(tuner.history.notes).toMatchObject([{ code: 'knob', text: expect.stringMatching(/no patch for 8/) }]);
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
  expect(warned).toHaveBeenCalledWith(expect.stringMatching(/'size' gives no patch for 8: nowhere to edit/), {
    type: 'SandtuneWarning',
    code: 'SANDTUNE_KNOB',
  });
  warned.mockRestore();
});
