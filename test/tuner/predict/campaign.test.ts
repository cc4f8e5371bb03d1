import { beforeAll, describe, expect, it } from 'vitest';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { poolWorld, somePool } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { median } from '../../../tuner/trial/statistics.ts';
import { bestOf, type Campaign, campaign, defaultsOf, seenOf } from './campaign.ts';

const seeds = Array.from({ length: 50 }, (_, i) => i + 1);

/** Two CPUs, 256 in flight, about 5 µs of guest work: shaped like a pool that was measured. */
const likeTheDemo: Pool = {
  cores: 2,
  inFlight: 256,
  hostPerBatch: 0.06,
  hostPerCall: 0.006,
  wakeUp: 0.05,
  workerPerBatch: 0.055,
  workerPerCall: 0.01,
  guestWait: 0,
  guestShare: 0.5,
};

describe('predict, over pools that start at their defaults', () => {
  let runs: readonly Campaign[] = [];
  beforeAll(async () => {
    runs = await Promise.all(seeds.map((seed) => campaign(somePool(seed), defaultsOf(somePool(seed)), seed)));
  });

  it('three accepted proposals reach nine tenths of the best grid point, nine times in ten', () => {
    const reached = runs.filter((run) => run.fractionOfBest >= 0.9).length;
    expect(reached / runs.length).toBeGreaterThanOrEqual(0.9);
    // Most pools start far from their best, so that a predictor that proposes nothing fails this test.
    expect(runs.filter((run) => run.bestOverStart > 1 / 0.9).length / runs.length).toBeGreaterThan(0.6);
  });

  it('intervals at level 80 % cover the true effect at least 70 % of the time, and not by being wide', () => {
    const judged = runs.flatMap((run) => run.judged);
    const covered = judged.filter(
      ({ proposal, effect }) => proposal.gain.low <= effect && effect <= proposal.gain.high,
    );
    expect(covered.length / judged.length).toBeGreaterThanOrEqual(0.7);
    const informed = runs.flatMap((run) => run.judged.slice(1));
    const width = ({ low, high }: { low: number; high: number }) => Math.log((1 + high) / (1 + low));
    expect(median(informed.map(({ proposal }) => width(proposal.gain)))).toBeLessThan(0.35);
  });

  it('a proposal loses more than the threshold no more often than its P(gain) allows', () => {
    const sure = runs.flatMap((run) => run.judged).filter(({ proposal }) => proposal.pGain > 0.8);
    const harmful = sure.filter(({ effect }) => effect < -0.02);
    expect(sure.length).toBeGreaterThan(40);
    expect(harmful.length / sure.length).toBeLessThan(0.1);
  });
});

describe('predict, on a pool shaped like the one that was measured', () => {
  it('the first proposal from three threads and batch 1 is a batch of 32 or 64, with a gain that comes true', async () => {
    const run = await campaign(likeTheDemo, { threads: 3, batchSize: 1 }, 7);
    const [first] = run.judged;
    expect([32, 64]).toContain(first?.proposal.settings['batchSize']);
    expect(first?.proposal.settings['threads']).toBe(3);
    expect(first?.proposal.gain.low).toBeLessThan(first?.effect as number);
    expect(first?.proposal.gain.high).toBeGreaterThan(first?.effect as number);
    expect(first?.proposal.pGain).toBeGreaterThan(0.95);
    expect(first?.proposal.risk).not.toBe('high');
  });

  it('two accepted proposals come within a tenth of the best, whatever the noise is', async () => {
    const limits = { acceptable: 2, noiseSd: 0.05 };
    const runs = await Promise.all(
      seeds.slice(0, 20).map((seed) => campaign(likeTheDemo, { threads: 3, batchSize: 1 }, seed, limits)),
    );
    expect(runs.filter((run) => run.fractionOfBest >= 0.9)).toHaveLength(20);
    expect(Math.max(...runs.map((run) => run.judged.length))).toBeLessThanOrEqual(3);
  });
});

describe('predict, where nothing can be gained', () => {
  it('no gain is proposed at the best grid point, nine times in ten', async () => {
    const answers = await Promise.all(
      seeds.slice(0, 30).map(async (seed) => {
        const pool = somePool(seed);
        const world = createWorld(poolWorld(pool), seed);
        const settings = bestOf(world);
        return predict(seenOf(pool, await measureAll(world, settings, 20), settings), randomStream(seed));
      }),
    );
    const gains = answers.filter((answer) => 'gain' in answer && !answer.model.endsWith('-cheaper'));
    expect(gains.length).toBeLessThanOrEqual(3);
  });

  it('nothing is proposed where long calls use up all CPUs', async () => {
    const pool: Pool = { ...likeTheDemo, workerPerCall: 5, guestShare: 1, inFlight: 8 };
    const settings = { threads: 2, batchSize: 1 };
    const windows = await measureAll(createWorld(poolWorld(pool), 1), settings, 10);
    const answer = predict(seenOf(pool, windows, settings), randomStream(1));
    expect(answer).toHaveProperty('none');
    expect('none' in answer ? answer.none : '').toMatch(/batch: .*threads: /s);
  });
});
