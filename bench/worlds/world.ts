/**
 * What a simulated world is: an executor whose time the bench owns, and the truth about it. A world
 * is all the bench and the tests know; how one is computed is its own affair. The bench calls
 * `advance(ms)` whenever its clock moves, from 0 on and never across a timer of the tuner, so that
 * settings stand still within one call of it. README.md says how to write a world in a file of one's own.
 *
 *   WorldSpec (spec.ts) ── createWorld (simulated.ts) ──▶ World ◀── loadWorld (load-world.ts) ── FILE
 *                                                           │
 *                        measure.ts, run-trial.ts, tune() ◀─┘
 */
import type { Executor, Settings } from '../../src/contracts.ts';

export interface World {
  /** Its windows count milliseconds from the world's beginning; `apply()` settles without real time. */
  readonly executor: Executor;
  /** What is to be expected of `settings` at a moment, without the world's noise. */
  truth(settings: Settings, atMs: number): Truth;
  /** Lets time pass. Synchronous. @param ms above 0 */
  advance(ms: number): void;
  /** CPUs that the process may use now, above 0. Left out: those of the machine that computes the world. */
  cpus?(): number;
}

export interface Truth {
  /** Ok calls a second. */
  readonly rate: number;
  /** Of latency; Infinity where an open load is more than the setting can serve. */
  readonly p99Ms: number;
  readonly errorFraction: number;
}
