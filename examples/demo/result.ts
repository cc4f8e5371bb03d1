/** The demo's result as JSON: effects are fractions, goodput is per second, an end without a bound is null. */

import type { Interval, OutcomeCounts, Settings } from 'sandtune';
import type { FigureData } from 'sandtune/exporters';
import type { Decided, Trigger } from 'sandtune/tuner';
import type { CrashResult } from './crash/kill-inside-trial.ts';

export const demoSchemaVersion = 1;

export interface DemoResult {
  readonly schemaVersion: typeof demoSchemaVersion;
  readonly seed: number;
  readonly profile: string;
  readonly start: MeasuredGoodput;
  readonly chosen: MeasuredGoodput;
  readonly bestOfGrid: MeasuredGoodput;
  /** chosen / bestOfGrid, from the pass that re-measured both, interleaved; null when neither served a call in time. */
  readonly fractionOfBest: number | null;
  /** chosen against start, from the same pass; no change where the start was chosen. */
  readonly gain: Interval;
  /** What the report says of noise, reverts and the cost of measuring, in its words. */
  readonly figures: readonly FigureData[];
  readonly noiseFloor: number | null;
  /** The best that was seen of each way for calls to travel, in looks and trials, as a multiple of the start. */
  readonly ways: readonly WaySeen[];
  /** Why no trial came from a prediction; null where one did. */
  readonly predictedNothing: string | null;
  readonly trials: readonly TrialLine[];
  /** Settings that were reverted, as the report lists them. */
  readonly reverts: number;
  readonly callsAffectedByReverts: number;
  readonly measuringOverhead: Interval | null;
  readonly replayIdentical: boolean;
  /** `first`: what was wrong with the first of them. */
  readonly digests: { readonly checked: number; readonly wrong: number; readonly first: readonly string[] };
  /** What became of the setting that was proposed to hurt; null when none would have changed anything. */
  readonly harm: Ending | null;
  /** What became of the setting that should make no difference and costs less; null where the tuner had kept one by itself. */
  readonly cheaper: Ending | null;
  readonly crash: CrashResult;
  readonly calls: OutcomeCounts & { readonly offered: number; readonly inFlight: number };
  readonly report: { readonly html: string; readonly markdown: string; readonly json: string };
}

export interface WaySeen {
  readonly transport: string;
  readonly settings: Settings;
  /** Of the start; null where it was measured beside nothing that leads there. */
  readonly multiple: number | null;
  readonly perSecond: number;
  readonly windows: number;
}

export type Ending = Pick<Decided, 'trial' | 'decision' | 'trigger'>;

interface MeasuredGoodput {
  readonly settings: Settings;
  readonly goodput: number;
}

export interface TrialLine {
  readonly id: number;
  /** In force when it was proposed. */
  readonly from: Settings;
  readonly settings: Settings;
  /** null where the setting was proposed by hand, so that nobody predicted anything. */
  readonly predicted: EffectBounds | null;
  /** null where the trial ended without one. */
  readonly verdict: string | null;
  readonly decision: string;
  readonly trigger: Trigger;
  readonly pairs: number;
  /** null where the trial ended before its pairs were judged. */
  readonly eValue: number | null;
  readonly effect: EffectBounds | null;
  /** What all calls of both arms come to; null as that. */
  readonly allCalls: number | null;
  /** The decision's reason, in words. */
  readonly reason: string;
  /** Its setting was committed, and the hold-back after it passed. */
  readonly kept: boolean;
  /** What was measured lies within what was predicted; null where nothing was predicted, or measured. */
  readonly covered: boolean | null;
}

export interface EffectBounds {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}
