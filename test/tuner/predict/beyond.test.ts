import { expect, it } from 'vitest';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Seen, Settings } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict, viewsOf } from '../../../tuner/predict/predict.ts';
import { knob, seenWith } from './seen.ts';

const concurrency = knob('concurrency', { domain: { min: 1, max: 128, scale: 'log', integer: true } });

/** What is seen in force at the last of `widths`, after all of them, where each completes so many calls a second. */
async function seenAt(widths: readonly number[], rateAt: (width: number) => number): Promise<Seen> {
  const world = createWorld(
    {
      name: 'widths',
      knobs: [concurrency],
      // A width of more than half the calls in flight is not used up: the model of concurrency expects nothing above.
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }) => ({ perSecond: rateAt(Number(width)), waitShare: 0.5 }),
      noise: { sigma: 0.02 },
    },
    1,
  );
  const windows = [];
  for (const width of widths) windows.push(...(await measureAll(world, { concurrency: width }, 6)));
  return seenWith([concurrency], { concurrency: widths.at(-1) ?? 1 }, windows);
}

const ask = (seen: Seen) => predict(seen, randomStream(1));
const rising = (width: number) => 1000 * width ** 0.3;

it('what lies a step beyond one that gained is visited, though no model expects anything there', async () => {
  expect(ask(await seenAt([32, 64], rising))).toMatchObject({ probe: { concurrency: 128 } });
});

it('what was visited and is still better is proposed as it was measured', async () => {
  const seen = await seenAt([32, 128, 64], rising);
  const answer = ask(seen);
  expect(answer).toMatchObject({ settings: { concurrency: 128 } });
  if (!('gain' in answer)) throw new Error('expected a proposal');
  expect(Math.abs(answer.gain.estimate - (2 ** 0.3 - 1))).toBeLessThan(0.05);
});

it('a step beyond what was seen to be better is visited before that gets its trial', async () => {
  expect(ask(await seenAt([16, 64, 32], rising))).toMatchObject({ probe: { concurrency: 128 } });
});

it('once the step beyond is ruled out, what was seen to be better gets its trial', async () => {
  const seen = await seenAt([16, 64, 32], rising);
  const ruledOut: readonly Settings[] = [{ concurrency: 128 }];
  expect(ask({ ...seen, ruledOut })).toMatchObject({ settings: { concurrency: 64 } });
});

it('nothing beyond is visited where the last step gained nothing', async () => {
  const answer = ask(await seenAt([32, 64], () => 1000));
  expect(JSON.stringify(answer)).not.toContain('whether it still rises');
});

it('nothing beyond is visited twice', async () => {
  const flat = (width: number) => rising(Math.min(width, 64));
  expect(ask(await seenAt([32, 128, 64], flat))).not.toHaveProperty('probe');
});

it('where a doubling gains a third and more the next step is two, and else one', async () => {
  expect(ask(await seenAt([4, 8], (width) => 1000 * width ** 0.6))).toMatchObject({ probe: { concurrency: 32 } });
  expect(ask(await seenAt([4, 8], (width) => 1000 * width ** 0.2))).toMatchObject({ probe: { concurrency: 16 } });
});

it('where a step went past the best, what lies between is visited', async () => {
  const hump = (width: number) => (width === 8 ? 600 : width === 16 ? 1000 : 870);
  const views = viewsOf(await seenAt([16, 64, 8], hump));
  const [beyond] = typeof views === 'string' ? [] : views.filter(({ model }) => model === 'beyond');
  expect(beyond?.probe).toMatchObject({
    settings: { concurrency: 32 },
    learns: 'whether the best concurrency lies between 16 and 64',
  });
});

it('where values rose and fell on both sides of the best, the top between those that were seen is visited, once', async () => {
  const hump = (width: number) => 1000 / Math.cosh(0.6 * Math.log2(width / 45));
  const probeOf = async (widths: readonly number[]) => {
    const views = viewsOf(await seenAt(widths, hump));
    return typeof views === 'string' ? undefined : views.find(({ model }) => model === 'beyond')?.probe;
  };
  const to = (await probeOf([16, 32, 64, 128, 8]))?.settings['concurrency'];
  expect(to).toBeGreaterThan(36);
  expect(to).toBeLessThan(56);
  expect(await probeOf([16, 32, 64, 128, Number(to), 8])).toBeUndefined();
});
