import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Settings } from '../../src/contracts.ts';
import { entryOf, isRecord, tunedWorld } from '../support/tuned-world.ts';

it('a proposal that waits while its tuner is stopped is answered with a value', async () => {
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  const [first, second] = [tuner.propose({ size: 8 }), tuner.propose({ size: 16 })];
  await entryOf(tuner, isRecord('pair'));
  await tuner.stop();
  await expect(first).resolves.toMatchObject({ decision: 'revert', trigger: 'stopped' });
  await expect(second).resolves.toEqual({
    decision: 'not-decided',
    settings: { size: 1 },
    reason: 'the tuner has ended',
  });
});

it('a proposal that nobody waits for ends no process, whatever becomes of it', async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', listener);
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  void tuner.propose({ size: 8 });
  void tuner.propose({ size: 16 });
  void tuner.propose({ size: 0 });
  void tuner.propose(null as never);
  await entryOf(tuner, isRecord('pair'));
  await tuner.stop();
  void tuner.propose({ size: 8 });
  await sleep(20);
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
});

it.each([
  [null, 'ERR_SANDTUNE_OPTION'],
  [5, 'ERR_SANDTUNE_OPTION'],
  [
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('not yours');
        },
      },
    ),
    'ERR_SANDTUNE_OPTION',
  ],
  [{ sise: 8 }, 'ERR_SANDTUNE_KNOB'],
  [{ size: 0 }, 'ERR_SANDTUNE_KNOB'],
  [{ size: Number.NaN }, 'ERR_SANDTUNE_KNOB'],
  [{ size: undefined }, 'ERR_SANDTUNE_KNOB'],
])('a proposal of what is no setting (%#) is rejected, and never thrown', async (settings, code) => {
  const { tuner, world } = tunedWorld({ rate: () => 10_000 });
  const proposal = tuner.propose(settings as never);
  await expect(proposal).rejects.toMatchObject({ code });
  await tuner.stop();
  expect(world.settings()).toEqual({ size: 1 });
});

it('a proposal is what its settings were when it was made, however they read later', async () => {
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  let reads = 0;
  const lying = Object.defineProperty({}, 'size', { enumerable: true, get: () => (reads++ === 0 ? 8 : 1e9) });
  await expect(tuner.propose(lying)).resolves.toMatchObject({ trigger: expect.any(String) });
  const tried = tuner.history.trials.filter((one) => one.purpose === 'candidate').map((one) => one.candidate);
  expect(tried).toEqual([{ size: 8 }]);
  await tuner.stop();
});

it('a proposal to a tuner that has ended is rejected', async () => {
  const { tuner } = tunedWorld({ rate: () => 10_000 });
  await tuner.stop();
  await expect(tuner.propose({ size: 8 })).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
});

it('a proposal that has no effect where other knobs stand is rejected with the reason, and one that gives it an effect is tried', async () => {
  const knobs = [
    { id: 'size', defaultValue: 1, actsUnder: { way: 'bulk' } },
    { id: 'way', defaultValue: 'single', domain: ['single', 'bulk'] },
  ];
  const rate = ({ way, size }: Settings) => (way === 'bulk' ? 10_000 + 500 * Number(size) : 10_000);
  const { tuner } = tunedWorld({ rate, knobs });
  await expect(tuner.propose({ size: 8 })).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_KNOB',
    message: 'propose(): size has an effect only while way is bulk, and it is single',
  });
  await tuner.propose({ size: 8, way: 'bulk' });
  await tuner.propose({ way: 'single' });
  await tuner.stop();
  const tried = tuner.history.trials.filter((one) => one.purpose === 'candidate').map((one) => one.candidate);
  expect(tried.slice(0, 1)).toEqual([{ size: 8, way: 'bulk' }]);
  expect(tried.filter(({ way, size }) => way === 'single' && size !== 1)).toEqual([]);
});
