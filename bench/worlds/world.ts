/**
 * What a simulated world is made of. Every fraction is relative to the undisturbed rate; every
 * disturbance strikes by the world's own clock, whichever arm is running.
 */
import type { Load } from '../../src/contracts.ts';

export interface World {
  readonly name: string;
  readonly load: Load;
  /** Calls a second, undisturbed, under the baseline. Open load: calls that arrive. */
  readonly perSecond: number;
  /** Closed load: calls in flight. Open load: calls that could be served, as a multiple of `perSecond`. */
  readonly inFlight: number;
  readonly headroom: number;
  /** True relative change under the candidate: of the rate (closed) or of the capacity (open). */
  readonly effect: number;
  /** σ of the log rate of a window of `referenceMs`; shorter windows are noisier. */
  readonly whiteSigma: number;
  /** First-order autoregressive drift of the log rate: stationary σ and correlation time. */
  readonly drift: { readonly sigma: number; readonly timeMs: number };
  /** Someone else's work: every so often, for so long, takes this share. Times are means of exponentials. */
  readonly bursts: { readonly everyMs: number; readonly forMs: number; readonly share: number } | null;
  /** Stop-the-world pauses: strictly periodic but for `jitterFraction`, so they may beat with windows. */
  readonly pauses: { readonly everyMs: number; readonly forMs: number; readonly jitterFraction: number } | null;
  /** After a flip the rate is lower by `share` for `forMs` (discard included). */
  readonly transition: { readonly forMs: number; readonly share: number } | null;
  /** What else the candidate does. */
  readonly candidate: CandidateHarm;
}

export interface CandidateHarm {
  /** Fraction of calls that trap; under the baseline `errorFraction` of the world is 0. */
  readonly errorFraction?: number;
  /** Workers die: calls lost a window. */
  readonly lostCalls?: number;
  /** Nothing comes out. */
  readonly stalls?: boolean;
  /** p99 over p50 is multiplied by this. */
  readonly tailFactor?: number;
}

/** Windows the noise figures refer to. */
export const referenceMs = 500;

/** Quiet, closed, 2,000 calls/s, no effect: the other worlds change some of it. */
export const quiet: World = Object.freeze({
  name: 'quiet',
  load: 'closed',
  perSecond: 2000,
  inFlight: 64,
  headroom: 1.5,
  effect: 0,
  whiteSigma: 0.04,
  drift: Object.freeze({ sigma: 0, timeMs: 1000 }),
  bursts: null,
  pauses: null,
  transition: null,
  candidate: Object.freeze({}),
});

/** White noise alone, such that a pair's d has σ 6 %. */
export const noisy: World = Object.freeze({ ...quiet, name: 'σ_d 6 %', whiteSigma: 0.06 / Math.SQRT2 });

/** A fifth up and down over about ten windows. */
export const drifting: World = Object.freeze({
  ...quiet,
  name: 'AR drift',
  drift: Object.freeze({ sigma: 0.2, timeMs: 5000 }),
});

/** Now and then a neighbour takes up to half of the machine for one to a few windows. */
export const bursty: World = Object.freeze({
  ...quiet,
  name: 'bursts',
  bursts: Object.freeze({ everyMs: 4000, forMs: 800, share: 0.5 }),
});

/** Pauses that almost beat with pairs of windows: twice a pair's length, plus little. */
export const collecting: World = Object.freeze({
  ...quiet,
  name: 'GC spikes',
  pauses: Object.freeze({ everyMs: 2130, forMs: 120, jitterFraction: 0.05 }),
});

/** Each flip costs: twice as long as is thrown away. */
export const costly: World = Object.freeze({
  ...quiet,
  name: 'transition costs',
  transition: Object.freeze({ forMs: 120, share: 0.5 }),
});

/** All at once, as on a shared machine: drift, neighbours and pauses. */
export const shared: World = Object.freeze({
  ...quiet,
  name: 'drift, bursts and GC',
  drift: drifting.drift,
  bursts: bursty.bursts,
  pauses: collecting.pauses,
});
