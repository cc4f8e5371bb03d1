/**
 * Worlds of one knob, `size`: 1 is the baseline, 2 the candidate. What the candidate does is the
 * law, so that one trial in such a world has a truth to be held against.
 */
import { lognormal, withTail } from './latency.ts';
import type { Law, WorldSpec } from './spec.ts';

export const baseline = Object.freeze({ size: 1 });
export const candidate = Object.freeze({ size: 2 });

export interface CandidateEffect {
  /** Relative change of the rate it can serve. Default: 0. */
  readonly effect?: number;
  /** Fraction of calls that trap under the candidate alone. */
  readonly errorFraction?: number;
  readonly lostPerSecond?: number;
  /** p99 over what it was. */
  readonly tailFactor?: number;
  /** Calls a second under the baseline. Default: 2,000. */
  readonly perSecond?: number;
}

export function candidateDoes({
  effect = 0,
  errorFraction = 0,
  lostPerSecond = 0,
  tailFactor = 1,
  perSecond = 2000,
}: CandidateEffect): Law {
  const under = {
    perSecond: perSecond * (1 + effect),
    errorFraction,
    lostPerSecond,
    ...(tailFactor !== 1 && { shape: withTail(lognormal, tailFactor) }),
  };
  return ({ size }) => (size === candidate.size ? under : { perSecond });
}

/** Quiet, closed, 2,000 calls/s, no effect: the other worlds change some of it. */
export const quiet: WorldSpec = {
  name: 'quiet',
  knobs: [{ id: 'size', defaultValue: baseline.size }],
  load: { kind: 'closed', inFlight: 64 },
  law: candidateDoes({}),
  noise: { sigma: 0.04, tail: 0.08 },
};

/** White noise alone, such that a pair's d has σ 6 %. */
export const noisy: WorldSpec = { ...quiet, name: 'σ_d 6 %', noise: { ...quiet.noise, sigma: 0.06 / Math.SQRT2 } };

/** A fifth up and down over about ten windows. */
const drift = { sigma: 0.2, timeMs: 5000 };
/** Now and then a neighbour takes up to half of the machine for one to a few windows. */
const bursts = { everyMs: 4000, forMs: 800, share: 0.5 };
/** Pauses that almost beat with pairs of windows: twice a pair's length, plus little. */
const pauses = { everyMs: 2130, forMs: 120, jitterFraction: 0.05 };
/** Each flip costs: twice as long as is thrown away. */
const transition = { forMs: 120, share: 0.5 };

const disturbed = (name: string, noise: WorldSpec['noise']): WorldSpec => ({
  ...quiet,
  name,
  noise: { ...quiet.noise, ...noise },
});

export const drifting = disturbed('AR drift', { drift });
export const bursty = disturbed('bursts', { bursts });
export const collecting = disturbed('GC spikes', { pauses });
export const costly = disturbed('transition costs', { transition });
/** All at once, as on a shared machine. */
export const shared = disturbed('drift, bursts and GC', { drift, bursts, pauses });
