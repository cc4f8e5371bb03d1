/** The demo's result as JSON: effects are fractions, goodput is per second, an end without a bound is null. */
import type { Interval, OutcomeCounts, Settings } from 'sandtune';

export const demoSchemaVersion = 1;

export interface DemoResult {
  readonly schemaVersion: typeof demoSchemaVersion;
  readonly seed: number;
  readonly profile: string;
  readonly start: Measured;
  readonly chosen: Measured;
  readonly bestOfGrid: Measured;
  /** chosen / bestOfGrid, from the pass that re-measured both, interleaved. */
  readonly fractionOfBest: number;
  /** chosen against start, from the same pass. */
  readonly gain: Interval;
  readonly noiseFloor: number | null;
  readonly trials: readonly TrialLine[];
  readonly reverts: number;
  readonly callsAffectedByReverts: number;
  readonly measuringOverhead: Interval | null;
  readonly replayIdentical: boolean;
  readonly digests: { readonly checked: number; readonly wrong: number };
  readonly crash: { readonly killedInTrial: boolean; readonly onAnchor: boolean } | null;
  readonly calls: OutcomeCounts & { readonly offered: number; readonly inFlight: number };
  readonly report: { readonly html: string; readonly markdown: string; readonly json: string };
}

export interface Measured {
  readonly settings: Settings;
  readonly goodput: number;
}

export interface TrialLine {
  readonly id: number;
  /** In force when it was proposed. */
  readonly from: Settings;
  readonly settings: Settings;
  /** null: proposed by hand, nobody predicted it. */
  readonly predicted: Bounds | null;
  readonly verdict: string;
  readonly decision: string;
  readonly trigger: string;
  readonly pairs: number;
  readonly eValue: number;
  readonly effect: Bounds;
}

export interface Bounds {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}
