import { expect, it } from 'vitest';
import type { Measured } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { costOfFlips, losesNothing } from '../../../tuner/trial/flip-cost.ts';
import { windowOf } from './build-window.ts';

const objective = { metric: 'throughput', direction: 'maximize' } as const;

/** Windows of a second, of which one after a flip loses `lost` of its calls; the candidate is half as much again. */
function trialOf(lost: number, seed: number, pairs = 12): readonly Measured[] {
  const random = randomStream(seed, 'flips');
  const measured: Measured[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const order = random() < 0.5 ? (['baseline', 'candidate'] as const) : (['candidate', 'baseline'] as const);
    for (const arm of order) {
      const isFlip = measured.length > 0 && measured.at(-1)?.arm !== arm;
      const calls = (arm === 'candidate' ? 1500 : 1000) * (isFlip ? 1 - lost : 1) * Math.exp(0.03 * gaussian(random));
      const startMs = 1100 * measured.length;
      measured.push({ arm, window: windowOf({ startMs, ok: Math.round(calls) }) });
    }
  }
  return measured;
}

const costs = (lost: number) =>
  Array.from({ length: 200 }, (_, seed) => costOfFlips(trialOf(lost, seed), 100, objective));

it('a change that loses a fifth of the window after it is seen to wherever an arm has followed itself a few times, and is waited out for a window more', () => {
  expect(costs(0.2).some((cost) => cost?.washMs === 0)).toBe(false);
  const seen = costs(0.2).filter((cost) => cost !== null && cost.washMs > 0);
  expect(seen.length).toBeGreaterThan(165);
  for (const cost of seen) expect(cost?.washMs).toBeCloseTo(1100, 0);
  const lost = seen.map((cost) => cost?.lostMs ?? 0).toSorted((a, b) => a - b);
  expect(lost[Math.floor(lost.length / 2)]).toBeGreaterThan(150);
  expect(lost[Math.floor(lost.length / 2)]).toBeLessThan(250);
});

it('a change that loses nothing is hardly ever taken for one that does, however much better the candidate is', () => {
  expect(costs(0).filter((cost) => cost !== null && cost.washMs > 0).length).toBeLessThanOrEqual(4);
  expect(costs(0).filter((cost) => cost?.washMs === 0).length).toBeGreaterThan(60);
});

it('a few windows say nothing of it', () => {
  expect(costOfFlips(trialOf(0.2, 1, 3), 100, objective)).toBeNull();
});

/** As many calls came out of what was thrown away after the flips as of the windows, but for `lost` of them. */
function withDiscards(lost: number, seed: number, pairs = 12): readonly Measured[] {
  const random = randomStream(seed, 'discards');
  return trialOf(0, seed, pairs).map((one) => {
    const ok = Math.round(one.window.outcomes.ok * 0.1 * (1 - lost) * Math.exp(0.03 * gaussian(random)));
    return { ...one, discarded: { offered: ok, outcomes: { ...one.window.outcomes, ok } } };
  });
}

it('a wait in which as many calls come out as after it was in vain, and one in which a third of them are missing was not', () => {
  const inVain = (lost: number) =>
    Array.from({ length: 50 }, (_, seed) => losesNothing(withDiscards(lost, seed), 'closed'));
  expect(inVain(0).filter(Boolean).length).toBeGreaterThanOrEqual(45);
  expect(inVain(1 / 3).some(Boolean)).toBe(false);
});

it('what is thrown away of an open load, or of a few flips, says nothing of a wait', () => {
  expect(losesNothing(withDiscards(0, 1), 'open')).toBe(false);
  expect(losesNothing(withDiscards(0, 1, 2), 'closed')).toBe(false);
});
