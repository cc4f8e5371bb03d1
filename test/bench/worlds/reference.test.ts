/** The worlds' windows against simulations of every single event under the same physics. */
import { describe, expect, it } from 'vitest';
import { candidateDoes, quiet } from '../../../bench/worlds/arms.ts';
import { bulkQueue } from '../../../bench/worlds/bulk-queue.ts';
import { shapeOf } from '../../../bench/worlds/latency.ts';
import { measure } from '../../../bench/worlds/measure.ts';
import { poolWorld, somePool } from '../../../bench/worlds/pool.ts';
import { runPool } from '../../../bench/worlds/pool-events.ts';
import { type StreamCache, streamCache, withScans, zipf } from '../../../bench/worlds/reference-stream.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Service, WorldSpec } from '../../../bench/worlds/spec.ts';
import { strikesOf } from '../../../bench/worlds/strikes.ts';
import { toAndFro } from '../../../bench/worlds/to-and-fro.ts';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Window } from '../../../src/contracts.ts';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import { mergeDistributions, quantileMs } from '../../../src/measure/distribution.ts';
import { addCounts, noOutcomes } from '../../../src/measure/outcome-counts.ts';
import { type Reference, referenceOf, type Settled, settledCalls } from './events.ts';

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

/** As many calls in flight before one server, first come first served, wait alike but for their service times. */
const inLine = (inFlight: number) => shapeOf((_, deviate) => Math.max(0.1, 1 + deviate / Math.sqrt(inFlight)));

/** All that happens in windows of half a second. */
function windowOver(spec: WorldSpec, untilMs: number): Window {
  const world = createWorld(spec, 1);
  using open = world.executor.openWindow();
  for (let atMs = 0; atMs < untilMs; atMs += 500) world.advance(500);
  return open.cut();
}

describe('strikes', () => {
  const [untilMs, capacity] = [300_000, 2000];
  const loads = [{ inFlight: 16 }, { inFlight: 64 }, { perSecond: 500 }, { perSecond: 1000 }, { perSecond: 1600 }];
  const strikes = [
    { oneIn: 8, forMs: 500, left: 0.1 },
    { oneIn: 20, forMs: 500, left: 0.05 },
    { oneIn: 8, forMs: 500, left: 0.75 },
  ];

  it.each(loads.flatMap((load) => strikes.map((strike) => ({ ...load, ...strike }))))(
    'a service struck in one slot of $oneIn, down to $left, settles as many calls and as fast as call by call (%o)',
    ({ inFlight, perSecond = 0, left, ...slots }) => {
      const spec: WorldSpec = {
        ...quiet,
        noise: {},
        load: inFlight ? { kind: 'closed', inFlight } : { kind: 'open', perSecond },
        law: () => ({ perSecond: capacity, ...(inFlight && { shape: inLine(inFlight) }) }),
        strikes: [{ ...slots, does: (service) => ({ ...service, perSecond: left * service.perSecond }) }],
      };
      const struck = strikesOf(spec, 1);
      const rate = (atMs: number) => struck.struck({ perSecond: capacity }, {}, atMs, -Infinity).perSecond;
      const load = inFlight ? { inFlight } : { perSecond: () => perSecond };
      const calls = settledCalls({ perSecond: rate, load, untilMs, stepMs: 250 }, randomStream(3));
      expectAlike(windowOver(spec, untilMs), referenceOf(calls, untilMs));
    },
  );
});

describe('a load that jumps', () => {
  it.each([2500, 4000])('calls that came at %d a second to a server of 2,000 wait as long as call by call', (most) => {
    const untilMs = 60_000;
    const load = (atMs: number) => (atMs % 10_000 < 2000 ? most : 800);
    const spec: WorldSpec = {
      ...quiet,
      noise: {},
      load: { kind: 'open', perSecond: load },
      law: candidateDoes({ perSecond: 2000 }),
      changes: (afterMs) => 2000 * (Math.floor(afterMs / 2000 + 1e-9) + 1),
    };
    const calls = settledCalls(
      { perSecond: () => 2000, load: { perSecond: load }, untilMs, stepMs: 100 },
      randomStream(5),
    );
    expectAlike(windowOver(spec, untilMs), referenceOf(calls, untilMs));
  });
});

describe('what builds up', () => {
  const grid = [500, 5000, 120_000].flatMap((timeMs) => [600, 20_000].map((stayMs) => ({ timeMs, stayMs })));

  it.each(grid)(
    'harm with a time constant of $timeMs ms under a knob that moves every $stayMs ms slows calls as call by call',
    async ({ timeMs, stayMs }) => {
      const [rounds, inFlight, harm] = [stayMs < 1000 ? 60 : 2, 32, 0.5];
      const rateAt = (built: number) => 2000 * (1 - harm * built);
      const spec: WorldSpec = {
        ...quiet,
        noise: {},
        load: { kind: 'closed', inFlight },
        builds: { timeMs, target: ({ size }) => (size === 2 ? 1 : 0) },
        law: (_, __, { built }): Service => ({ perSecond: rateAt(built), shape: inLine(inFlight) }),
      };
      const world = createWorld(spec, 1);
      const windows: Window[] = [];
      while (windows.length < 2 * rounds)
        windows.push(await measure(world, { size: windows.length % 2 === 0 ? 2 : 1 }, { forMs: stayMs }));

      // The level of the reference is stepped forward on its own.
      const [untilMs, stepMs] = [2 * rounds * stayMs, 20];
      let [level, levelMs] = [0, 0];
      const levelAt = (atMs: number) => {
        for (; levelMs < atMs; levelMs += 1)
          level += (1 / timeMs) * ((Math.floor(levelMs / stayMs) % 2 === 0 ? 1 : 0) - level);
        return level;
      };
      const calls = settledCalls(
        { perSecond: (atMs) => rateAt(levelAt(atMs)), load: { inFlight }, untilMs, stepMs },
        randomStream(7),
      );
      for (const size of [1, 2]) {
        const isArm = (atMs: number) => Math.floor(atMs / stayMs) % 2 === (size === 2 ? 0 : 1);
        const own = windows.filter(({ settings }) => settings['size'] === size);
        expectAlike(
          emptyWindow({
            endMs: untilMs / 2,
            outcomes: own.map(({ outcomes }) => outcomes).reduce(addCounts, noOutcomes),
            latency: mergeDistributions(own.map(({ latency }) => latency)),
          }),
          referenceOf(calls, untilMs / 2, isArm),
        );
      }
    },
  );
});

describe('a queue that serves batches', () => {
  const [cost, untilMs] = [{ perBatchMs: 1, perCallMs: 0.5 }, 400_000];
  const loads = [
    [500, 500],
    [300, 1000],
  ] as const;

  it.each(loads.flatMap(([calm, burst]) => [1, 4, 32].map((batchSize) => ({ calm, burst, batchSize }))))(
    'a queue of $calm calls a second, and $burst in bursts, serves batches of $batchSize as call by call',
    ({ calm, burst, batchSize }) => {
      const rates = [calm, burst] as const;
      const laws = rates.map((perSecond) => bulkQueue({ ...cost, perSecond }));
      const bursts = toAndFro([8000, 2000], randomStream(31));
      const load = (atMs: number) => rates[bursts.stateAt(atMs)];
      const spec: WorldSpec = {
        ...quiet,
        knobs: [{ id: 'batchSize', defaultValue: batchSize }],
        noise: {},
        load: { kind: 'open', perSecond: load },
        law: (settings, atMs) => laws[bursts.stateAt(atMs)]?.(settings) ?? { perSecond: 0 },
        changes: bursts.nextMs,
      };
      // Whoever has come by then is in the batch that begins then.
      const random = randomStream(11);
      const came: number[] = [];
      for (let atMs = 0; atMs < untilMs; ) {
        atMs -= (1000 / burst) * Math.log(1 - random());
        if (random() < load(atMs) / burst) came.push(atMs);
      }
      const settled: Settled[] = [];
      for (let [head, freeMs] = [0, 0]; head < came.length; ) {
        const startMs = Math.max(freeMs, came[head] ?? 0);
        const batch = came.slice(head, head + batchSize).filter((cameMs) => cameMs <= startMs);
        freeMs = startMs + cost.perBatchMs + batch.length * cost.perCallMs;
        head += batch.length;
        for (const cameMs of batch) settled.push({ atMs: freeMs, ms: freeMs - cameMs });
      }
      expectAlike(windowOver(spec, untilMs), referenceOf(settled, untilMs));
    },
  );
});

describe('a cache', () => {
  const keys = withScans(zipf(500, 0.9, 10_000, randomStream(1)), 1000, 200);
  const [hitMs, missMs, inFlight] = [0.1, 1, 16];

  /** The cache itself, one call after the other; a call waits for the ones in flight before it. */
  function play(capacity: number, evicts: StreamCache['evicts']): Reference {
    const random = randomStream(21);
    const held = new Set<number>();
    const ended: number[] = [];
    const latencies: number[] = [];
    for (let round = 0, nowMs = 0; round < 4; round++)
      for (const key of keys) {
        const isHit = held.has(key);
        if (isHit && evicts === 'least recently used') held.delete(key);
        else if (!isHit && held.size >= capacity)
          held.delete([...held][evicts === 'any' ? Math.floor(capacity * random()) : 0] ?? -1);
        held.add(key);
        nowMs += hitMs + (isHit ? 0 : missMs);
        ended.push(nowMs);
        latencies.push(nowMs - (ended.at(-1 - inFlight) ?? 0));
      }
    const sorted = latencies.toSorted((a, b) => a - b);
    return {
      rate: (1000 * latencies.length) / (ended.at(-1) ?? 0),
      p99Ms: sorted[Math.floor(0.99 * sorted.length)] ?? Number.NaN,
    };
  }

  const policies: readonly StreamCache['evicts'][] = ['least recently used', 'any'];
  it.each(policies.flatMap((evicts) => [16, 64, 256].map((capacity) => ({ evicts, capacity }))))(
    'a cache of $capacity entries that throws out $evicts answers as fast as one played key by key',
    ({ evicts, capacity }) => {
      const spec: WorldSpec = {
        ...quiet,
        knobs: [{ id: 'entries', defaultValue: capacity }],
        noise: {},
        load: { kind: 'closed', inFlight },
        law: streamCache({ knob: 'entries', keys, hitMs, missMs, inFlight, evicts }),
      };
      expectAlike(windowOver(spec, 60_000), play(capacity, evicts));
    },
  );
});

describe('CPUs that change', () => {
  it('a pool that loses CPUs serves at once what a pool of so many comes to, and again when they are back', async () => {
    const pool = { ...somePool(3), cores: 8, workerPerCall: 1, guestWait: 1 };
    const rateOf = (cores: number) => {
      const run = runPool({ ...pool, cores }, 8, 1, 20);
      return (1000 * run.calls) / run.spanMs;
    };
    const [many, few] = [poolWorld({ ...pool, cores: 8 }, 0), poolWorld({ ...pool, cores: 2 }, 0)];
    const world = createWorld(
      {
        ...many,
        law: (settings, atMs, past) => (atMs >= 3_300 && atMs < 6_700 ? few : many).law(settings, atMs, past),
        changes: (afterMs) => [3_300, 6_700].find((atMs) => atMs > afterMs) ?? Infinity,
      },
      1,
    );
    // The window goes across both changes, in the middle of what is asked for.
    const { outcomes } = await measure(world, { threads: 8, batchSize: 1 }, { forMs: 10_000 });
    expect(Math.abs(outcomes.ok / (6.6 * rateOf(8) + 3.4 * rateOf(2)) - 1)).toBeLessThan(0.02);
  });
});
