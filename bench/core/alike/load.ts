/**
 * A closed loop over one arm whose calls carry what ours do: each call that returns is replaced at once, and
 * every result is checked.
 */
import { quantileSorted } from 'simple-statistics';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { Numbers } from '../../compare.ts';
import { expectedMix } from '../guest.ts';
import type { Bytes } from './request.ts';

export interface AlikeLoad {
  /** Loop turns of the guest; without meaning where there are bytes. */
  readonly turns: number;
  /** Bytes in and out, in place of numbers. @defaultValue numbers */
  readonly bytes?: number;
  readonly inFlight: number;
  /** One call in so many is timed. */
  readonly timedEvery: number;
}

export interface AlikeArm<A> {
  call(name: string, a: number, b: number | Bytes): Promise<A>;
  result(answer: A): number | Bytes;
  /** The result was looked at, and is no longer needed. */
  done?(answer: A): void;
  close(): Promise<void>;
}

const seeds = [1, 2, 3, 4];

/** @throws when a result is wrong */
export async function runAlike<A>(arm: AlikeArm<A>, load: AlikeLoad, forMs: number): Promise<Numbers> {
  const { inFlight, timedEvery } = load;
  const once = load.bytes === undefined ? numbers(arm, load) : flips(arm, load.bytes);
  const startMs = systemClock.now();
  const endMs = startMs + forMs;
  const timesMs: number[] = [];
  let done = 0;
  let untilTimed = 0;
  const loop = async () => {
    // Once at least: on a busy machine a window may be over before it has begun.
    for (let i = 0; i === 0 || systemClock.now() < endMs; i++) {
      const timed = --untilTimed < 0;
      if (timed) untilTimed = timedEvery - 1;
      const calledMs = timed ? systemClock.now() : 0;
      const answer = await once.call(i);
      once.check(arm.result(answer), i);
      arm.done?.(answer);
      if (timed) timesMs.push(systemClock.now() - calledMs);
      done++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  const elapsedMs = systemClock.now() - startMs;
  timesMs.sort((a, b) => a - b);
  return {
    'calls-per-s': (1000 * done) / elapsedMs,
    'p50-us': 1000 * quantileSorted(timesMs, 0.5),
    'p99-us': 1000 * quantileSorted(timesMs, 0.99),
  };
}

interface Once<A> {
  call(index: number): Promise<A>;
  check(got: number | Bytes, index: number): void;
}

/** Turns → the results of all seeds: long calls take long to check, which is done once and not in a window. */
const known = new Map<number, readonly number[]>();

function resultsOf(turns: number): readonly number[] {
  const results = known.get(turns) ?? seeds.map((seed) => expectedMix(turns, seed));
  known.set(turns, results);
  return results;
}

function numbers<A>(arm: AlikeArm<A>, { turns }: AlikeLoad): Once<A> {
  const expected = resultsOf(turns);
  return {
    call: (index) => arm.call('mix', turns, seeds[index & 3] as number),
    check: (got, index) => {
      if (got !== expected[index & 3]) throw new Error(`expected ${expected[index & 3]}, got ${String(got)}`);
    },
  };
}

function flips<A>(arm: AlikeArm<A>, length: number): Once<A> {
  const given = new Uint8Array(length).map((_, index) => index);
  return {
    call: () => arm.call('flip', 0, given),
    check: (got) => {
      if (typeof got === 'number' || got.length !== length || got[0] !== 255 || got[length - 1] !== given[length - 1])
        throw new Error(`expected ${length} bytes, the first turned over, got ${String(got).slice(0, 40)}`);
    },
  };
}
