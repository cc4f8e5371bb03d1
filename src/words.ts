/** Words that all contracts use: settings, how a call ended and where, an estimate with its interval. */

/** A knob's value. */
export type SettingValue = number | string | boolean;

/** Knob id → value. */
export type Settings = Readonly<Record<string, SettingValue>>;

/**
 * How a call ended. `trap`: the guest failed. `rejected`: refused before queueing (bad input,
 * closed, not allowed). `shed`: queue full or over quota. `lost`: its worker died under it.
 */
export const outcomes = ['ok', 'trap', 'timeout', 'cancelled', 'rejected', 'shed', 'lost'] as const;
export type Outcome = (typeof outcomes)[number];
export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** Where in its life a call was when it ended. */
export type Stage = 'admit' | 'queue' | 'start' | 'execute' | 'return';

/** An estimate with the bounds of its interval at `level` (0.99 means 99 %). */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** How urgent a call is beside the others of its tenant, the most urgent first. */
export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];
