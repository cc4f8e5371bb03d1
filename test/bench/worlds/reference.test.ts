/** The worlds' windows against simulations of every single event under the same physics. */
import { describe, expect, it } from 'vitest';
import { candidateDoes, quiet } from '../../../bench/worlds/arms.ts';
import { measure } from '../../../bench/worlds/measure.ts';
import { poolWorld, somePool } from '../../../bench/worlds/pool.ts';
import { runPool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Window } from '../../../src/contracts.ts';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import { quantileMs } from '../../../src/measure/distribution.ts';

interface Reference {
  readonly rate: number;
  readonly p99Ms: number;
}

function expectAlike({ outcomes, latency, startMs, endMs }: Window, { rate, p99Ms }: Reference): void {
  expect(Math.abs(outcomes.ok / ((endMs - startMs) / 1000) / rate - 1)).toBeLessThan(0.02);
  expect(Math.abs(quantileMs(latency, 0.99) / p99Ms - 1)).toBeLessThan(0.1);
}

/** One server, call by call: Lindley's recursion. */
function queue(arrivals: number, capacity: number, random: RandomSource, calls = 400_000): Reference {
  const exponential = (perSecond: number) => (-1000 * Math.log(1 - random())) / perSecond;
  const latencies = new Float64Array(calls);
  let [atMs, freeMs] = [0, 0];
  for (let call = 0; call < calls; call++) {
    atMs += exponential(arrivals);
    freeMs = Math.max(atMs, freeMs) + exponential(capacity);
    latencies[call] = freeMs - atMs;
  }
  return { rate: (1000 * calls) / atMs, p99Ms: latencies.sort()[Math.floor(0.99 * calls)] ?? Number.NaN };
}

describe('an open loop', () => {
  it.each([0.3, 0.6, 0.8, 0.9])(
    'an open loop at a load of %f serves as many calls and as fast as a queue simulated call by call',
    async (load) => {
      const world = createWorld(
        {
          ...quiet,
          noise: {},
          load: { kind: 'open', perSecond: 1000 },
          law: candidateDoes({ perSecond: 1000 / load }),
        },
        1,
      );
      expectAlike(await measure(world, { size: 1 }, { forMs: 100_000 }), queue(1000, 1000 / load, randomStream(1)));
    },
  );
});

describe('a pool', () => {
  const grid = [1, 3, 8].flatMap((threads) => [1, 16, 128].map((batchSize) => ({ threads, batchSize })));

  // Of 16, 64, 256 and 1,024 calls in flight.
  it.each([3, 5, 11, 12])(
    'a pool like somePool(%i) does over a grid of settings what twenty times as many of its events come to',
    async (seed) => {
      const pool = somePool(seed);
      const world = createWorld(poolWorld(pool, 0), seed);
      for (const settings of grid) {
        const run = runPool(pool, settings.threads, settings.batchSize, 20);
        const all = run.latencies.toSorted(([a], [b]) => a - b);
        let left = 0.99 * run.calls;
        const [p99Ms = Number.NaN] = all.find(([, calls]) => (left -= calls) <= 0) ?? [];
        expectAlike(await measure(world, settings, { forMs: 20_000 }), {
          rate: (1000 * run.calls) / run.spanMs,
          p99Ms,
        });
      }
    },
  );
});
