/** Batches of a closed loop against a simulation batch by batch. */
import { expect, it } from 'vitest';
import { quiet } from '../../../bench/worlds/arms.ts';
import { type BatchLaw, batched } from '../../../bench/worlds/laws.ts';
import { measure } from '../../../bench/worlds/measure.ts';
import { batchKnob } from '../../../bench/worlds/pool.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';

/** Calls a second of workers that take up to `size` of what waits when they are free; who is answered asks again at once. */
function runBatches(
  { width, inFlight, perBatchMs, perCallMs }: Required<BatchLaw>,
  size: number,
  random: RandomSource,
) {
  let [waiting, nowMs, done] = [inFlight, 0, 0];
  const running: { readonly untilMs: number; readonly fill: number }[] = [];
  const untilMs = 60_000;
  for (;;) {
    while (waiting > 0 && running.length < width) {
      const fill = Math.min(size, waiting);
      waiting -= fill;
      const takesMs = (perBatchMs + perCallMs * fill) * (0.9 + 0.2 * random());
      running.push({ untilMs: nowMs + takesMs, fill });
    }
    running.sort((a, b) => a.untilMs - b.untilMs);
    const first = running.shift();
    if (!first || first.untilMs > untilMs) return done / (untilMs / 1000);
    nowMs = first.untilMs;
    done += first.fill;
    waiting += first.fill;
  }
}

it.each([1, 8, 32, 48, 64, 1024])(
  'batches of up to %i are as full, and do as much, as batch by batch',
  async (size) => {
    const costs = { width: 2, inFlight: 64, perBatchMs: 2, perCallMs: 0.5 };
    const world = createWorld(
      { ...quiet, noise: {}, knobs: [batchKnob], load: { kind: 'closed', inFlight: 64 }, law: batched(costs) },
      1,
    );
    const { outcomes } = await measure(world, { batchSize: size }, { forMs: 20_000 });
    expect(Math.abs(outcomes.ok / 20 / runBatches(costs, size, randomStream(1)) - 1)).toBeLessThan(0.02);
  },
);
