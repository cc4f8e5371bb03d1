/**
 * The call path: calls a second with many in flight, and the round trip of one, against what people
 * use today. Closed loop: each call that returns is replaced at once. Arms are measured in short
 * slices, interleaved, and every result is checked.
 */
import { systemClock } from '../../src/foundation/clock.ts';
import { estimated, type Figure, type Suite, type SuiteOptions } from '../suite.ts';
import { type Arm, batchedPiscinaArm, piscinaArm, rawArm, sandboxArm } from './arms.ts';
import { expectedWork, guestBytes } from './guest.ts';

export const core: Suite = {
  about: 'the call path: throughput and round trip against piscina and raw postMessage',
  run: runCore,
};

/** Loop turns of the guest: about 0.1 µs and about 50 µs. */
const tiny = 100;
const heavy = 50_000;

async function runCore(options: SuiteOptions): Promise<readonly Figure[]> {
  const bytes = await guestBytes();
  const one = { bytes, threads: 1 };
  const two = { bytes, threads: 2 };
  const figures: Figure[] = [];
  const compare = async (
    name: string,
    arms: readonly Arm[],
    measureSlice: typeof throughput,
    n: number,
    inFlight: number,
    unit: string,
    better: Figure['better'],
  ) => {
    options.progress(name);
    figures.push(figureOf(name, unit, better, await interleaved(arms, measureSlice, n, inFlight, options)));
    await Promise.all(arms.map((arm) => arm.close()));
  };
  await compare(
    'tiny call, 256 in flight, 1 thread, one call a message',
    [await sandboxArm(one, 1), piscinaArm(one), rawArm(one)],
    throughput,
    tiny,
    256,
    'calls/s',
    'higher',
  );
  await compare(
    'tiny call, 256 in flight, 1 thread, 64 calls a message',
    [await sandboxArm(one, 64), batchedPiscinaArm(one, 64), await sandboxArm(one, 64, false)],
    throughput,
    tiny,
    256,
    'calls/s',
    'higher',
  );
  await compare(
    '50 µs call, 256 in flight, 2 threads',
    [await sandboxArm(two, 16), piscinaArm(two), batchedPiscinaArm(two, 16), rawArm(two)],
    throughput,
    heavy,
    256,
    'calls/s',
    'higher',
  );
  await compare(
    'round trip of a tiny call, 1 in flight',
    [await sandboxArm(one, 1), piscinaArm(one), rawArm(one)],
    roundTrip,
    tiny,
    1,
    'µs',
    'lower',
  );
  return figures;
}

type Samples = ReadonlyMap<Arm, readonly number[]>;

async function interleaved(
  arms: readonly Arm[],
  slice: (arm: Arm, n: number, inFlight: number, forMs: number) => Promise<number>,
  n: number,
  inFlight: number,
  { length }: SuiteOptions,
): Promise<Samples> {
  const samples = new Map<Arm, number[]>(arms.map((arm) => [arm, []]));
  const rounds = { quick: 6, full: 30, long: 120 }[length];
  const forMs = length === 'quick' ? 150 : 300;
  for (const arm of arms) await slice(arm, n, inFlight, forMs);
  for (let round = 0; round < rounds; round++) {
    for (const [arm, kept] of round % 2 === 0 ? samples : [...samples].reverse())
      kept.push(await slice(arm, n, inFlight, forMs));
  }
  return samples;
}

/** Calls a second over about `forMs`. @throws when a result is wrong */
async function throughput(arm: Arm, n: number, inFlight: number, forMs: number): Promise<number> {
  const expected = expectedWork(n);
  const startMs = systemClock.now();
  const endMs = startMs + forMs;
  let done = 0;
  const lane = async () => {
    while (systemClock.now() < endMs) {
      const got = await arm.call(n);
      if (got !== expected) throw new Error(`${arm.name}: expected ${expected}, got ${got}`);
      done++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (1000 * done) / (systemClock.now() - startMs);
}

/** Median microseconds of a round trip over about `forMs`. @throws when a result is wrong */
async function roundTrip(arm: Arm, n: number, _inFlight: number, forMs: number): Promise<number> {
  const expected = expectedWork(n);
  const endMs = systemClock.now() + forMs;
  const times: number[] = [];
  while (systemClock.now() < endMs) {
    const startMs = systemClock.now();
    const got = await arm.call(n);
    times.push((systemClock.now() - startMs) * 1000);
    if (got !== expected) throw new Error(`${arm.name}: expected ${expected}, got ${got}`);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

/** The first arm is ours. */
function figureOf(name: string, unit: string, better: Figure['better'], samples: Samples): Figure {
  const [ours, ...peers] = [...samples];
  const means = peers.map(([arm, values]) => [arm.name, estimated(values).value] as const);
  return { name, unit, better, ...estimated(ours?.[1] ?? []), peers: Object.fromEntries(means) };
}
