/** What a gate refuses has not failed: it is asked again at the next choice, and tried once the gate lets it through. */
import { expect, it, onTestFinished } from 'vitest';
import { batched } from '../../../bench/worlds/laws.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { tune } from '../../../tuner/tune.ts';
import { recordsOf } from '../../support/tuned-world.ts';

/** Batches gain much; the rate goes up and down by as much every tenth of a second, until `quietFromMs`. */
async function sessionOf(quietFromMs: number, forMs: number) {
  const gains = batched({ width: 2, perBatchMs: 0.5, perCallMs: 0.2 });
  const slotMs = 100;
  const world = createWorld(
    {
      name: 'wild at first',
      knobs: [{ id: 'batchSize', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 256 },
      law: (settings, atMs) => {
        const service = gains(settings);
        const wild = 4 ** (2 * randomStream(7, `slot ${Math.floor(atMs / slotMs)}`)() - 1);
        return atMs >= quietFromMs ? service : { ...service, perSecond: service.perSecond * wild };
      },
      changes: (afterMs) => (afterMs < quietFromMs ? slotMs * (Math.floor(afterMs / slotMs) + 1) : Infinity),
      noise: { sigma: 0.03 },
    },
    3,
  );
  const time = manualTime(world);
  const expert = { windowMs: 100, baselineWindows: 8, noisePairs: 0, overheadPairs: 0, restMs: 20_000 };
  const tuner = tune(world.executor, {
    subjectTo: ['errors < 5%'],
    mode: 'auto',
    stateDir: ':memory:',
    seed: 5,
    maxDurationMs: 12_000,
    expert,
    surroundings: time.surroundings,
  });
  onTestFinished(() => tuner.stop());
  await time.timers.sleep(forMs);
  return tuner;
}

it('a prediction that noise keeps from its trial is not booked as a failure, is said once, and is asked again after each rest of one length', async () => {
  const tuner = await sessionOf(Infinity, 200_000);
  const refused = recordsOf(tuner, 'not-tried').filter((one) => one.refused);
  const rests = recordsOf(tuner, 'phase').filter(({ phase }) => phase === 'resting');
  expect(refused.map(({ code }) => code)).toContain('too-long');
  expect(recordsOf(tuner, 'back-off')).toEqual([]);
  expect(rests.length).toBeGreaterThanOrEqual(6);
  const last = new Map<string, string>();
  for (const { settings, code } of refused) {
    expect(last.get(JSON.stringify(settings))).not.toBe(code);
    last.set(JSON.stringify(settings), code);
  }
});

it('a prediction that noise kept from its trial is tried within a rest of the noise going', async () => {
  const tuner = await sessionOf(100_000, 160_000);
  expect(recordsOf(tuner, 'not-tried').some((one) => one.refused)).toBe(true);
  expect(recordsOf(tuner, 'trial').some(({ purpose }) => purpose === 'candidate')).toBe(true);
});
