/** What a session takes over from those before it, as its entry has it. */
import type { Settings } from '../../src/contracts.ts';
import type { KnownLoad } from './known-load.ts';
import type { SearchLeft } from './search-left.ts';

/** What a session takes over from earlier sessions of its executor, so that a restart forgets neither budget nor failures. */
export interface Recalled {
  /** Commit levels spent within the last day, oldest first. */
  readonly spent: readonly { readonly atMs: number; readonly alpha: number }[];
  /** The newest scores of predictions, oldest first. */
  readonly scores: readonly PredictionScore[];
  readonly ruledOut: readonly RuledOut[];
  /** What was proven under which load. */
  readonly known: readonly KnownLoad[];
  /** Absent: no search left anything. */
  readonly search?: SearchLeft;
}

/** A setting that failed at `atMs`, and is not proposed again until `untilMs`. Unix ms. */
export interface RuledOut {
  readonly settings: Settings;
  readonly failures: number;
  readonly atMs: number;
  readonly untilMs: number;
  /** It was kept and went bad: a shift, which may be its own doing, does not end the back-off. */
  readonly left?: true;
  /** Nothing came out under it once. That is no failure; `untilMs` is when it happened, unless it was ruled out for longer. */
  readonly stalled?: true;
  /** It was proven better than this setting and then seen to do harm, so that it was left for it. */
  readonly harmedFrom?: Settings;
}

/** One prediction and what its trial measured. */
export interface PredictionScore {
  readonly model: string;
  /** As sealed. */
  readonly pGain: number;
  /** The measured effect was above zero. */
  readonly gained: boolean;
  /** The predicted interval held the measured effect. */
  readonly covered: boolean;
  /** By how many standard deviations of the interval that the model said more was measured; absent: nobody can say. */
  readonly z?: number;
  /** When its trial ended. A shift since makes the score as much older as its weight halves in. */
  readonly atMs: number;
}

/** A back-off after a shift at `atMs`, Unix ms: it has ended by then, unless the setting was left. */
export function endedAt<T extends Pick<RuledOut, 'untilMs' | 'left'>>(one: T, atMs: number): T {
  return one.left ? one : { ...one, untilMs: Math.min(one.untilMs, atMs) };
}
