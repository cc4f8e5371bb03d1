import { expect, it } from 'vitest';
import { concurrency, everyMs, throughput, usualNoise } from '../../../bench/worlds/catalogue/entry.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { tune } from '../../../tuner/tune.ts';

/** A tenth better, and at half the rate from 20 s of staying on, until `coolsMs` after it was left: as behind a circuit breaker. */
function tripsAt16(coolsMs: number, seed: number) {
  let openUntilMs = Number.NEGATIVE_INFINITY;
  return createWorld(
    {
      name: 'trips at 16',
      knobs: [concurrency()],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }, atMs, { stayedMs }) => {
        const isWide = Number(width) >= 16;
        if (isWide && Number.isFinite(stayedMs) && stayedMs > 20_000) openUntilMs = atMs + coolsMs;
        return { perSecond: (isWide ? 2200 : 2000) * (atMs < openUntilMs ? 0.5 : 1) };
      },
      noise: usualNoise,
      changes: everyMs(500),
    },
    seed,
  );
}

it.each([3000, 8000, 15_000])(
  'harm where a setting stays is no outage of somebody else’s, though it ends by itself %i ms after the setting is left',
  async (coolsMs) => {
    const world = tripsAt16(coolsMs, 1);
    const { surroundings, timers } = manualTime(world);
    await using tuner = tune(world.executor, {
      mode: 'auto',
      stateDir: ':memory:',
      ...throughput,
      seed: 1,
      surroundings,
    });
    const proposed = tuner.propose({ concurrency: 16 });
    await timers.sleep(1_200_000);
    expect((await proposed).decision).toBe('commit');
    expect(tuner.anchor).not.toEqual({ concurrency: 16 });
  },
  120_000,
);
