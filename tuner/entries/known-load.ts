/**
 * Loads that were met before, and what was proven under each: a pattern over the history of an executor. It is
 * plain data, goes over restarts with what else a session leaves (../history/carry-over.ts), and changes by the
 * records of a session alone.
 *
 *   anchor moved ─ proven ─▶ KnownLoad ─ the load returns (../trial/load-signs.ts) ─▶ first proposal
 *                               │ ├─ left for the default ─ under another load ─▶ kept
 *                               │ └──────────────────────── under the same load ─▶ forgotten
 *                               └─ failed under the same load ─▶ forgotten
 */
import type { Interval, Load, Settings } from '../../src/contracts.ts';

/** A mean over some windows, above zero. */
export interface Sign {
  readonly value: number;
  /** Standard error of its log. */
  readonly error: number;
}

/** What tells one load from another, seen at one setting. */
export interface LoadSigns {
  readonly load: Load;
  readonly cpus: number;
  /** Calls offered a second in an open loop, in flight in a closed one. */
  readonly size: Sign;
  /** Share of the calls by function, of the eight with most. */
  readonly mix: Readonly<Record<string, number>>;
  /** Hour of the day, UTC, with its fraction. */
  readonly hour: number;
  /** In force when this was seen: the level and the latency are of the load and of these together. */
  readonly inForce: Settings;
  /** The objective; null where nothing was measured of it. */
  readonly level: Sign | null;
  /** Mean, ms. */
  readonly latency: Sign | null;
}

export interface KnownLoad {
  /** Proven under it against what was in force. */
  readonly settings: Settings;
  readonly under: LoadSigns;
  readonly gain: Interval;
  readonly pGain: number;
  /** The objective at `settings` under it. */
  readonly reached: Sign | null;
  /** Of the proof, Unix ms. */
  readonly atMs: number;
  /**
   * What was in force when the load was seen may have been harmed: by itself, as another setting than the configured
   * default may be, or by one that had been left just before.
   */
  readonly doubtful?: true;
  /** It was left for the configured default since, and it is not known yet whether under the same load. */
  readonly left?: true;
}
