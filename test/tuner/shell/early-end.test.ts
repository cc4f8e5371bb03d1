import { expect, it, vi } from 'vitest';
import { entryOf, isRecord, tunedWorld } from '../../support/tuned-world.ts';

it('a tuner that ends early says so to the process once, also when nobody waits for it or for what was proposed', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  void tuner.propose({ size: 8 });
  await entryOf(tuner, isRecord('trial'));
  vi.spyOn(tuner.ledger, 'append').mockImplementation(() => {
    throw new Error('out of memory');
  });
  await vi.waitFor(() => expect(warned).toHaveBeenCalled());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(tuner.mode).toBe('off');
  expect(warned.mock.calls).toEqual([
    ["the tuning of 'world' has ended: out of memory", { type: 'SandtuneWarning', code: 'SANDTUNE_ENDED' }],
  ]);
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
  warned.mockRestore();
});
