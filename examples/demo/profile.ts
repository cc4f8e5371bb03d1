/** How long and how strict the demo is. The decision rules are the same; only sizes differ. */
import type { TuneOptions } from 'sandtune/tuner';
import type { DemoOptions } from './options.ts';

export interface DemoProfile {
  readonly name: 'demo' | 'fast';
  readonly tune: TuneOptions;
  /** Longest time the tuner may look for better settings by itself. */
  readonly searchMs: number;
  /** One pass over the grid, then `rounds` interleaved rounds of start, chosen and best. */
  readonly grid: { readonly passWindowMs: number; readonly windowMs: number; readonly rounds: number };
}

export function profileOf(options: DemoOptions): DemoProfile {
  const { fast, seconds, sloMs, seed, out } = options;
  return {
    name: fast ? 'fast' : 'demo',
    searchMs: seconds * 1000 * 0.5,
    grid: fast ? { passWindowMs: 100, windowMs: 100, rounds: 6 } : { passWindowMs: 250, windowMs: 150, rounds: 24 },
    tune: {
      mode: 'auto',
      maximize: 'goodput',
      sloMs,
      subjectTo: [`p99 < ${sloMs}ms`, 'errors < 0.1%'],
      // In half a minute on a shared machine a difference of 6 % can be proven, and not the default of 2 %.
      revertAt: -0.06,
      maxDurationMs: fast ? 10_000 : 40_000,
      stateDir: out,
      seed,
      expert: {
        // Short windows: on a shared machine speed drifts within seconds, and close neighbours share it.
        windowMs: fast ? 100 : 160,
        baselineWindows: fast ? 8 : 12,
        noisePairs: fast ? 6 : 8,
        // Whoever watches sees what no difference looks like before a difference is claimed.
        noiseFirst: true,
        overheadPairs: fast ? 7 : 8,
        holdBackFraction: 0.5,
      },
    },
  };
}
