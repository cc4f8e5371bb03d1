import { beforeAll, describe, expect, it } from 'vitest';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { poolWorld, somePool } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { predict } from '../../../tuner/predict/index.ts';
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

describe('predict, over pools from their defaults', () => {
  let runs: readonly Campaign[] = [];
  beforeAll(async () => {
    runs = await Promise.all(seeds.map((seed) => campaign(somePool(seed), defaultsOf(somePool(seed)), seed)));
  });

  it('reaches nine tenths of the best grid point within three accepted proposals, nine times in ten', () => {
    const reached = runs.filter((run) => run.fractionOfBest >= 0.9).length;
    expect(reached / runs.length).toBeGreaterThanOrEqual(0.9);
    // There was something to be found: not tuning at all must not pass.
    expect(runs.filter((run) => run.toBeHad > 1 / 0.9).length / runs.length).toBeGreaterThan(0.6);
  });

  it('covers the true effect with its 80 % intervals at least 70 % of the time, and not by being vague', () => {
    const tried = runs.flatMap((run) => run.tried);
    const covered = tried.filter(({ proposal, effect }) => proposal.gain.low <= effect && effect <= proposal.gain.high);
    expect(covered.length / tried.length).toBeGreaterThanOrEqual(0.7);
    const informed = runs.flatMap((run) => run.tried.slice(1));
    const width = ({ low, high }: { low: number; high: number }) => Math.log((1 + high) / (1 + low));
    expect(median(informed.map(({ proposal }) => width(proposal.gain)))).toBeLessThan(0.35);
  });

  it('is wrong by more than the threshold no more often than P(gain) says', () => {
    const sure = runs.flatMap((run) => run.tried).filter(({ proposal }) => proposal.pGain > 0.8);
    const harmful = sure.filter(({ effect }) => effect < -0.02);
    expect(sure.length).toBeGreaterThan(40);
    expect(harmful.length / sure.length).toBeLessThan(0.1);
  });
});

describe('predict, on a pool shaped like the one that was measured', () => {
  it('goes from three threads and batch 1 to a batch of 32 or 64 in one step, and says by how much', async () => {
    const run = await campaign(likeTheDemo, { threads: 3, batchSize: 1 }, 7);
    const [first] = run.tried;
    expect([32, 64]).toContain(first?.proposal.settings['batchSize']);
    expect(first?.proposal.settings['threads']).toBe(3);
    expect(first?.proposal.gain.low).toBeLessThan(first?.effect as number);
    expect(first?.proposal.gain.high).toBeGreaterThan(first?.effect as number);
    expect(first?.proposal.pGain).toBeGreaterThan(0.95);
    expect(first?.proposal.risk).not.toBe('high');
  });

  it('is within a tenth of the best after at most two trials, whatever the noise says', async () => {
    const limits = { acceptable: 2, noiseSd: 0.05 };
    const runs = await Promise.all(
      seeds.slice(0, 20).map((seed) => campaign(likeTheDemo, { threads: 3, batchSize: 1 }, seed, limits)),
    );
    expect(runs.filter((run) => run.fractionOfBest >= 0.9)).toHaveLength(20);
    expect(Math.max(...runs.map((run) => run.tried.length))).toBeLessThanOrEqual(3);
  });
});

describe('predict, where nothing is to be had', () => {
  it('proposes no gain at the best grid point, nine times in ten', async () => {
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

  it('says none where long calls use up all CPUs', async () => {
    const pool: Pool = { ...likeTheDemo, workerPerCall: 5, guestShare: 1, inFlight: 8 };
    const settings = { threads: 2, batchSize: 1 };
    const windows = await measureAll(createWorld(poolWorld(pool), 1), settings, 10);
    const answer = predict(seenOf(pool, windows, settings), randomStream(1));
    expect(answer).toHaveProperty('none');
    expect('none' in answer ? answer.none : '').toMatch(/batch: .*threads: /s);
  });
});
