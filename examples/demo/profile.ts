/** How long and how strict the demo is. The decision rules are the same; only sizes differ. */
import type { TuneOptions } from 'sandtune/tuner';
import type { DemoOptions } from './options.ts';

export interface DemoProfile {
  readonly name: 'demo' | 'fast';
  readonly tune: TuneOptions;
  /** Longest time the tuner may look for better settings by itself. */
  readonly searchMs: number;
  readonly grid: { readonly windowMs: number; readonly rounds: number };
}

export function profileOf(options: DemoOptions): DemoProfile {
  const { fast, seconds, sloMs, seed, out } = options;
  return {
    name: fast ? 'fast' : 'demo',
    searchMs: seconds * 1000 * 0.5,
    grid: fast ? { windowMs: 120, rounds: 5 } : { windowMs: 300, rounds: 8 },
    tune: {
      mode: 'auto',
      maximize: 'goodput',
      sloMs,
      subjectTo: [`p99 < ${sloMs}ms`, 'errors < 0.1%'],
      // A minute buys a proof of ±5 % on a shared machine, not of the default ±2 %.
      revertAt: -0.05,
      windowMs: fast ? 120 : 260,
      baselineWindows: fast ? 8 : 10,
      noisePairs: fast ? 7 : 8,
      overheadPairs: fast ? 7 : 8,
      maxPairs: 60,
      maxDurationMs: fast ? 15_000 : 40_000,
      holdBackFraction: 0.5,
      restMs: 60_000,
      stateDir: out,
      seed,
    },
  };
}
