import { expect, it } from 'vitest';
import type { ManualTime } from '../../bench/worlds/manual-time.ts';
import { replay } from '../../tuner/replay.ts';
import { betterFromEight, entryOf, isRecord, recordsOf, tunedWorld } from '../support/tuned-world.ts';

const hourMs = 3_600_000;

/** Lets `ms` of simulated time pass. */
async function pass(time: ManualTime, ms: number): Promise<void> {
  const since = time.clock.now();
  while (time.clock.now() - since < ms) await new Promise((resolve) => setImmediate(resolve));
}

it('a rest lasts as long as it was to, though the system clock is set back by hours meanwhile', async () => {
  const { tuner, time } = tunedWorld({ rate: () => 10_000 });
  await tuner.settled();
  const before = recordsOf(tuner, 'baseline').length;
  time.step(-3 * hourMs);
  await pass(time, 60_000);
  expect(recordsOf(tuner, 'baseline').length).toBeGreaterThan(before);
  await tuner.stop();
  expect(replay(tuner.ledger).identical).toBe(true);
});

it('a question waits for its answer as long as it was to, though the system clock is set ahead by hours meanwhile', async () => {
  const { tuner, time } = tunedWorld({ rate: betterFromEight }, { mode: 'confirm' });
  const proposal = tuner.propose({ size: 8 });
  await entryOf(tuner, isRecord('ask'));
  time.step(5 * hourMs);
  await pass(time, 30_000);
  tuner.answer(1, true);
  await expect(proposal).resolves.toMatchObject({ decision: 'commit' });
  await tuner.stop();
});

it('a question that nobody answers ends, though the system clock is set back by hours meanwhile', async () => {
  const { tuner, time } = tunedWorld({ rate: betterFromEight }, { mode: 'confirm' });
  const proposal = tuner.propose({ size: 8 });
  await entryOf(tuner, isRecord('ask'));
  const askedMs = time.clock.now();
  time.step(-5 * hourMs);
  await expect(proposal).resolves.toMatchObject({ decision: 'revert', trigger: 'unanswered' });
  expect(time.clock.now() - askedMs).toBeLessThan(hourMs);
  await tuner.stop();
});

it.each([30, -30])(
  'the budget of a day is not given anew when the system clock is stepped by %d hours',
  async (hours) => {
    const expert = { falseCommitsPerDay: 0.02, noisePairs: 0 };
    const { tuner, time } = tunedWorld({ rate: () => 10_000 }, { expert });
    await tuner.propose({ size: 8 });
    time.step(hours * hourMs);
    await tuner.propose({ size: 16 });
    await tuner.stop();
    const levels = recordsOf(tuner, 'trial').map((one) => one.design.commitAlpha);
    // Half of what is left; the first trial, which found nothing, has given a little back.
    const [{ givesBack = Number.NaN } = {}] = recordsOf(tuner, 'decision');
    expect(levels).toEqual([0.01, expect.closeTo(0.005 + givesBack / 2, 9)]);
    expect(givesBack).toBeLessThan(0.005);
  },
);
