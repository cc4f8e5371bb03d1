/**
 * The one measured call path. An executor tells a recorder what happens to its calls; open windows
 * are cut from it.
 *
 *   executor ── offer, settle, batch, start, reference ──▶ active piece (HDR, counters)
 *                                                             │ rotate (on any cut or epoch change)
 *                                                             ▼
 *                              every open window merges the frozen piece into what it holds
 *
 * One active piece is written to, whatever the number of open windows. Counters are kept even when
 * recording is off (`recording = false`): offered = settled + in flight holds always, and the cost
 * of recording can be measured as a trial of on against off.
 */
import type { Clock } from '../foundation/clock.ts';
import type { OpenWindow, Outcome, Settings } from '../contracts.ts';
import type { CallTrace } from './trace.ts';

/** A host-listed function, resolved once; the 65th and later are counted under 'other'. */
export interface Series {
  readonly name: string;
}

export interface Recorder {
  readonly clock: Clock;
  /** Histograms, stages and spans are kept; when false only counters are. */
  recording: boolean;
  /** Number of configuration changes so far. Stamp it on each call when it is submitted. */
  readonly epoch: number;
  /** Calls offered and not yet settled. */
  readonly inFlight: number;

  series(functionName: string): Series;

  /** The knobs stand at `settings` from now on: a new epoch. */
  changed(settings: Settings): void;

  /** A call came in. O(1), no allocation. */
  offer(): void;
  /** A sampled call's stage stamps and its span; null for most calls. Decide once, at submission. */
  trace(series: Series, submittedMs: number): CallTrace | null;
  /** An `ok` call ended. Times in ms on `clock`. O(1), no allocation. */
  ok(series: Series, epoch: number, intendedMs: number, dispatchedMs: number, serviceMs: number, settledMs: number): void;
  /** A call ended in any other way. */
  failed(series: Series, outcome: Exclude<Outcome, 'ok'>): void;
  /** A unit of dispatch came back: `calls` in it, `batchMs` from dispatch to return, `executeMs` inside guests. */
  batch(calls: number, batchMs: number, executeMs: number, bytesIn: number, bytesOut: number): void;
  /** An instance was started cold. */
  start(startMs: number): void;
  /** A cache was asked: LRU rank of the key (0 most recent, −1 never seen), and whether that was a hit. */
  reference(rank: number, hit: boolean, missMs: number): void;
  workerStarted(): void;

  openWindow(): OpenWindow;
  /** All there was since the recorder was made. */
  totals(): { readonly offered: number; readonly outcomes: Readonly<Record<Outcome, number>>; readonly inFlight: number };
}

/** What a recorder asks of its executor when a window is cut. */
export interface Gauges {
  /** Worker threads that may be busy; 1 for an in-process function. */
  workers(): number;
  /** Bytes of guest memories, which Node does not count. */
  guestBytes(): number;
}
