import { expect, it, vi } from 'vitest';
import { replay } from '../../../tuner/replay.ts';
import { leaseClock } from '../../../tuner/shell/own-lease.ts';
import type { Tuner } from '../../../tuner/tuner.ts';
import { isUnderCandidate } from '../../support/misbehaving.ts';
import { entryOf, isRecord, recordsOf, tunedWorld } from '../../support/tuned-world.ts';

it('a tuner that ends early says so to the process once, also when nobody waits for it, for quiet or for what was proposed', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  void tuner.propose({ size: 8 });
  void tuner.settled();
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

/** Of this tuner alone: whatever else still runs in the process makes steps of its own. */
function failNextStep(tuner: Tuner, reason: string): void {
  const append = tuner.ledger.append.bind(tuner.ledger);
  let hasFailed = false;
  vi.spyOn(tuner.ledger, 'append').mockImplementation((entries, stands) => {
    const isStep = entries.some(({ kind }) => kind === 'event');
    if (!isStep || hasFailed) return append(entries, stands);
    hasFailed = true;
    throw new Error(reason);
  });
}

it('a tuner that fails goes back to its anchor, records that it has ended, and says so in its ledger', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { tuner, world } = tunedWorld({ rate: () => 10_000, sigma: 0.3 });
  const decision = tuner.propose({ size: 8 });
  await entryOf(tuner, isRecord('pair'));
  failNextStep(tuner, 'a bug of ours');
  await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'failed' });
  await vi.waitFor(() => expect(tuner.mode).toBe('off'));
  expect([world.settings(), world.warm()]).toEqual([{ size: 1 }, 0]);
  expect(recordsOf(tuner, 'phase').map(({ phase }) => phase)).toEqual(['failed', 'ended']);
  expect(tuner.history.notes).toMatchObject([{ code: 'ended', text: expect.stringContaining('a bug of ours') }]);
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
  await expect(tuner.settled()).rejects.toThrow(/a bug of ours/);
  await expect(tuner.stop()).resolves.toBeUndefined();
  warned.mockRestore();
});

it('a tuner stops on its anchor when its ledger answers nothing any more, and says what is missing there', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { tuner, world } = tunedWorld({ rate: () => 10_000, sigma: 0.3 });
  const decision = tuner.propose({ size: 8 });
  await entryOf(tuner, isRecord('pair'));
  for (const method of ['durable', 'release', 'renew'] as const)
    vi.spyOn(tuner.ledger, method).mockImplementation(() => new Promise<never>(() => {}));
  await tuner.stop();
  await expect(decision).resolves.toMatchObject({ decision: 'revert', trigger: 'stopped' });
  expect(world.settings()).toEqual({ size: 1 });
  const code = expect.objectContaining({ code: 'SANDTUNE_LEDGER' });
  expect(warned.mock.calls).toEqual([
    [expect.stringMatching(/could not be given back \(the disk: expected an answer within/), code],
    [expect.stringMatching(/not in its ledger yet: the disk: expected an answer within/), code],
  ]);
  warned.mockRestore();
});

it('a tuner stops on its anchor while the disk does not say whether its lease is held still', async () => {
  const { tuner, world } = tunedWorld({ rate: () => 10_000, sigma: 0.3 });
  void tuner.propose({ size: 8 });
  await entryOf(tuner, isUnderCandidate);
  const asked = Promise.withResolvers<void>();
  vi.spyOn(tuner.ledger, 'renew').mockImplementation(() => {
    asked.resolve();
    return new Promise<never>(() => {});
  });
  const later = leaseClock.now() + 60_000;
  const now = vi.spyOn(leaseClock, 'now').mockImplementation(() => later);
  await asked.promise;
  await tuner.stop();
  expect(world.settings()).toEqual({ size: 1 });
  now.mockRestore();
});

it('an answer that comes after the end does nothing, and one that is none is refused', async () => {
  const { tuner } = tunedWorld({ rate: () => 10_000 }, { mode: 'confirm' });
  expect(() => tuner.answer(Number.NaN, true)).toThrow(/trial: expected an integer/);
  expect(() => tuner.answer(1, 'no' as never)).toThrow(/accept: expected true or false/);
  await tuner[Symbol.asyncDispose]();
  expect(() => tuner.answer(1, true)).not.toThrow();
});
