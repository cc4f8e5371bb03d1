/**
 * A synthetic plant behind the Executor contract: its goodput is a function of its settings times
 * noise, in manual time. For tests of the tuner that need no threads.
 */

import type { Distribution, Executor, Knob, OutcomeCounts, Settings, Window } from '../../src/contracts.ts';
import { gaussian, type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import type { ManualTime } from './manual-time.ts';

export interface PlantOptions {
  readonly time: ManualTime;
  /** ok calls per second at these settings. */
  readonly rate: (settings: Settings, atMs: number) => number;
  readonly latencyMs?: (settings: Settings) => number;
  /** Fraction of calls that trap. */
  readonly errors?: (settings: Settings) => number;
  /** σ of the log rate, window by window. */
  readonly sigma?: number;
  readonly seed?: number;
  readonly knobs?: readonly PlantKnob[];
  readonly name?: string;
  /** Extra facts of a window. */
  readonly decorate?: (window: Window) => Window;
}

export interface PlantKnob {
  readonly id: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly cost?: 'per-unit';
  /** Values whose `apply` is refused. */
  readonly refuses?: readonly number[] | ((value: number) => boolean);
}

export interface Plant extends Executor {
  /** Every value ever applied, in order: [knob, value]. */
  readonly applied: readonly (readonly [string, number])[];
  readonly settings: () => Settings;
  /** Times `keepWarm` was asked for and not disposed yet. */
  readonly warm: () => number;
}

export function plant(options: PlantOptions): Plant {
  const { time, sigma = 0.03, name = 'plant' } = options;
  const random = randomStream(options.seed ?? 1, 'plant');
  const values: Record<string, number> = {};
  const applied: [string, number][] = [];
  let epoch = 0;
  let warm = 0;
  const specs = options.knobs ?? [{ id: 'size', value: 1 }];
  for (const { id, value } of specs) values[id] = value;
  const settings = (): Settings => ({ ...values });
  const knobs = specs.map(
    (spec): Knob<number> => ({
      id: spec.id,
      domain: { min: spec.min ?? 1, max: spec.max ?? 1024, scale: 'log', integer: true },
      interference: 'executor',
      moves: { up: 'live', down: 'live' },
      ...(spec.cost && { cost: spec.cost }),
      defaultValue: spec.value,
      source: 'test',
      read: () => ({ requested: values[spec.id] ?? 0, effective: values[spec.id] ?? 0 }),
      apply: (value) => {
        const refused = typeof spec.refuses === 'function' ? spec.refuses(value) : spec.refuses?.includes(value);
        if (refused) return Promise.reject(new Error(`${spec.id} refuses ${value}`));
        values[spec.id] = value;
        applied.push([spec.id, value]);
        epoch++;
        return Promise.resolve();
      },
      keepWarm: () => {
        warm++;
        return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(void warm--) });
      },
      patch: (value) => ({ before: `${spec.id}: ${spec.value},`, after: `${spec.id}: ${value},` }),
    }),
  );

  const windowBetween = (startMs: number, endMs: number, steady: boolean): Window => {
    const at = settings();
    const seconds = (endMs - startMs) / 1000;
    const ok = Math.max(0, Math.round(options.rate(at, startMs) * seconds * Math.exp(sigma * gaussian(random))));
    const trap = Math.round(ok * (options.errors?.(at) ?? 0));
    const latency = lognormal(ok, options.latencyMs?.(at) ?? 10, random);
    const window: Window = {
      epoch,
      steady,
      settings: at,
      startMs,
      endMs,
      offered: ok + trap,
      outcomes: { ...noOutcomes, ok, trap },
      backlogAtStart: 64,
      backlogAtEnd: 64,
      wait: latency,
      service: latency,
      latency,
      carried: emptyDistribution,
      unfinished: emptyDistribution,
      start: lognormal(0, 1, random),
      byFunction: {},
      stages: { execute: 1 },
      stageSamples: 10,
      work: { batches: ok, batchedCalls: ok, batchMs: ok, executeMs: ok / 2, busyFraction: 0.9, workerStarts: 0 },
      cpuMs: seconds * 1500,
      workerCpuMs: seconds * 1000,
      peakBytes: 2 ** 26,
      bytesIn: ok * 100,
      bytesOut: ok * 10,
    };
    return options.decorate?.(window) ?? window;
  };

  return {
    name,
    knobs: knobs as unknown as readonly Knob[],
    load: 'closed',
    applied,
    settings,
    warm: () => warm,
    run: () => Promise.reject(new Error('a plant runs no calls')),
    openWindow: () => {
      let startMs = time.clock.now();
      let startEpoch = epoch;
      return {
        cut: () => {
          const window = windowBetween(startMs, time.clock.now(), startEpoch === epoch);
          startMs = time.clock.now();
          startEpoch = epoch;
          return window;
        },
        get settledCount() {
          return Math.round((options.rate(settings(), startMs) * (time.clock.now() - startMs)) / 1000);
        },
        [Symbol.dispose]: () => {},
      };
    },
    close: () => Promise.resolve(),
  };
}

const noOutcomes: OutcomeCounts = { ok: 0, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 };

/** `count` samples spread over the quantiles of a lognormal with this median: a shape, not a sample. */
function lognormal(count: number, medianMs: number, random: RandomSource): Distribution {
  if (count === 0) return { count: 0, sumMs: 0, minMs: 0, maxMs: 0, boundsNs: [], counts: [] };
  const jitter = Math.exp(0.02 * gaussian(random));
  const steps = [-2, -1, 0, 1, 2, 2.6].map((z) => medianMs * jitter * Math.exp(0.4 * z));
  const shares = [0.05, 0.25, 0.4, 0.25, 0.04, 0.01];
  const counts = shares.map((share) => Math.floor(share * count));
  counts[2] = (counts[2] ?? 0) + count - counts.reduce((sum, one) => sum + one, 0);
  const kept = steps.map((ms, i) => [Math.round(ms * 1e6), counts[i] ?? 0] as const).filter(([, n]) => n > 0);
  return {
    count,
    sumMs: kept.reduce((sum, [ns, n]) => sum + (ns / 1e6) * n, 0),
    minMs: (kept[0]?.[0] ?? 0) / 1e6,
    maxMs: (kept.at(-1)?.[0] ?? 0) / 1e6,
    boundsNs: kept.map(([ns]) => ns),
    counts: kept.map(([, n]) => n),
  };
}
