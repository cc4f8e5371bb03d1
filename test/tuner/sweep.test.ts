import { describe, expect, it, vi } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { gainOver, sweep } from '../../tuner/sweep.ts';
import { tune } from '../../tuner/tune.ts';
import { quickOptions, ratedWorld, type TunedWorld } from '../support/tuned-world.ts';

const start = (options: TunedWorld) => {
  const world = ratedWorld(options);
  return { world, time: manualTime(world) };
};
const objective = { metric: 'throughput', direction: 'maximize' } as const;

describe('sweep', () => {
  it('a sweep ranks points by what they do, and gives the gain of one over another', async () => {
    const { world, time } = start({ rate: (s) => 1000 * Number(s['size']), sigma: 0.01 });
    const result = await sweep(world.executor, {
      objective,
      points: [{ size: 2 }, { size: 4 }, { size: 3 }],
      rounds: 10,
      surroundings: time.surroundings,
    });
    expect(result.points.map((point) => point.settings['size'])).toEqual([2, 4, 3]);
    expect(result.points.map((point) => Math.round(point.metric.estimate / 100))).toEqual([20, 40, 30]);
    const gain = gainOver(result, 1);
    expect(gain.low).toBeLessThan(1);
    expect(gain.high).toBeGreaterThan(1);
    expect(gain.high - gain.low).toBeLessThan(0.2);
  });

  it('a sweep shares drift among all points', async () => {
    const { world, time } = start({
      rate: (s, atMs) => (1 + atMs / 20_000) * (s['size'] === 2 ? 1100 : 1000),
      sigma: 0.01,
    });
    const result = await sweep(world.executor, {
      objective,
      points: [{ size: 1 }, { size: 2 }],
      rounds: 30,
      surroundings: time.surroundings,
    });
    expect(gainOver(result, 1).estimate).toBeCloseTo(0.1, 1);
  });

  it('a sweep shows no rate below 0, however widely its windows spread', async () => {
    const { world, time } = start({ rate: () => 1000, sigma: 3 });
    const points = Array.from({ length: 8 }, (_, index) => ({ size: index + 1 }));
    const result = await sweep(world.executor, { objective, points, rounds: 6, surroundings: time.surroundings });
    expect(result.points.map(({ metric }) => metric.low)).toContain(0);
    for (const { metric } of result.points) expect(metric.low).toBeGreaterThanOrEqual(0);
  });

  it('a sweep has its executor to itself: beside a tuner or another sweep it is refused, and a tuner beside it', async () => {
    const tuned = expect.objectContaining({ code: 'ERR_SANDTUNE_TUNED' });
    const { world, time } = start({ rate: () => 1000 });
    const { surroundings } = time;
    const options = { objective, points: [{ size: 2 }], surroundings };
    const swept = sweep(world.executor, options);
    await expect(sweep(world.executor, options)).rejects.toThrow(/which a sweep has .*await its end first/);
    expect(() => tune(world.executor, { ...quickOptions, surroundings })).toThrow(tuned);
    await swept;
    await expect(sweep(world.executor, { ...options, points: [{ size: 0 }] })).rejects.toThrow(/size: expected/);
    const tuner = tune(world.executor, { ...quickOptions, surroundings });
    await expect(sweep(world.executor, options)).rejects.toThrow(tuned);
    await tuner.stop();
    await expect(sweep(world.executor, options)).resolves.toMatchObject({ points: [{ windows: 1 }] });
  });

  it('a sweep returns to the setting it found, also when a knob refuses half way', async () => {
    const { world, time } = start({
      rate: () => 1000,
      knobs: [{ id: 'size', defaultValue: 7, refuses: (value) => value === 3 }],
    });
    await expect(
      sweep(world.executor, {
        objective,
        points: [{ size: 2 }, { size: 3 }],
        rounds: 4,
        surroundings: time.surroundings,
      }),
    ).rejects.toThrow(/refuses 3/);
    expect(world.settings()).toEqual({ size: 7 });
  });

  it('a sweep refuses a point outside the domain before anything moves', async () => {
    const { world, time } = start({ rate: () => 1000 });
    await expect(
      sweep(world.executor, { objective, points: [{ size: 2 }, { size: 0 }], surroundings: time.surroundings }),
    ).rejects.toThrow(/size/);
    expect(world.applied).toEqual([]);
  });

  it('a sweep that is aborted before it begins warms nothing and moves nothing', async () => {
    const { world, time } = start({ rate: () => 1000 });
    const keepWarm = world.executor.knobs.map((knob) => vi.spyOn(knob, 'keepWarm'));
    const options = { objective, points: [{ size: 2 }, { size: 3 }], surroundings: time.surroundings };
    await expect(sweep(world.executor, { ...options, signal: AbortSignal.abort('not now') })).rejects.toBe('not now');
    expect(keepWarm.flatMap(({ mock }) => mock.calls)).toEqual([]);
    expect(world.applied).toEqual([]);
    await sweep(world.executor, options);
    expect(keepWarm.flatMap(({ mock }) => mock.calls)).not.toEqual([]);
  });

  it('a sweep that is aborted while it warms one knob neither warms the next nor moves any', async () => {
    const { world, time } = start({
      rate: () => 1000,
      knobs: [
        { id: 'size', defaultValue: 1 },
        { id: 'other', defaultValue: 1 },
      ],
    });
    const abort = new AbortController();
    const [first, second] = world.executor.knobs.map((knob) => vi.spyOn(knob, 'keepWarm'));
    first?.mockImplementation(() => {
      abort.abort('not now');
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
    });
    const points = [
      { size: 2, other: 2 },
      { size: 3, other: 3 },
    ];
    await expect(
      sweep(world.executor, { objective, points, surroundings: time.surroundings, signal: abort.signal }),
    ).rejects.toBe('not now');
    expect(first?.mock.calls).toHaveLength(1);
    expect(second?.mock.calls).toEqual([]);
    expect(world.applied).toEqual([]);
  });
});
