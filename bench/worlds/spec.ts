/**
 * A world as data: knobs, load, a law that says what a setting does, and the noise that strikes by
 * the world's own clock, whatever setting is in force.
 */
import type { CacheUse, KnobSpec, Settings, SettingValue } from '../../src/contracts.ts';
import type { Shape } from './latency.ts';

export interface WorldSpec {
  readonly name: string;
  readonly knobs: readonly WorldKnob[];
  readonly load: WorldLoad;
  readonly law: Law;
  readonly noise?: Partial<Noise>;
}

/** A number from 1 to 1,024 unless said otherwise. */
export type WorldKnob = Partial<KnobSpec> & {
  readonly id: string;
  readonly defaultValue: SettingValue;
  /** Values `apply()` rejects. */
  readonly refuses?: (value: SettingValue) => boolean;
};

/** Both may change over time. */
export type WorldLoad =
  | { readonly kind: 'closed'; readonly inFlight: Over }
  | { readonly kind: 'open'; readonly perSecond: Over };
export type Over = number | ((atMs: number) => number);

export type Law = (settings: Settings, atMs: number) => Service;

/** What a setting does when nothing disturbs it. */
export interface Service {
  /** Calls a second it can serve. */
  readonly perSecond: number;
  /** Fraction of the served calls that trap. Default: 0. */
  readonly errorFraction?: number;
  /** Calls lost with their workers. Default: 0. */
  readonly lostPerSecond?: number;
  /** Of a call's latency. Default: lognormal in a closed loop, exponential in an open one. */
  readonly shape?: Shape;
  /** Share of the latency that is waiting for a worker. Default: not told. */
  readonly waitShare?: number;
  /** Default: one call a batch, 0.2 ms of CPU a call, all workers busy. */
  readonly work?: ServiceWork;
  /** What the calls of one second ask of the cache. Default: there is no cache. */
  readonly cache?: CacheUse;
}

/** Times are milliseconds a second of the world's. */
interface ServiceWork {
  /** Calls a batch. */
  readonly fill: number;
  readonly busyFraction: number;
  /** Summed over batches and calls, elapsed. */
  readonly batchMs: number;
  readonly executeMs: number;
  /** CPU outside and inside the workers. */
  readonly hostMs: number;
  readonly workerMs: number;
}

/** Every share is of the undisturbed rate. */
export interface Noise {
  /** σ of the log rate over `referenceMs`: more over less time. */
  readonly sigma: number;
  /** σ of the log of p99 over what the shape says, from one stretch of time to the next. */
  readonly tail: number;
  /** First-order autoregressive drift of the log rate: stationary σ and correlation time. */
  readonly drift: { readonly sigma: number; readonly timeMs: number };
  /** Somebody else's work: every so often, for so long, takes this share. Times are means of exponentials. */
  readonly bursts: { readonly everyMs: number; readonly forMs: number; readonly share: number };
  /** Stop-the-world pauses: strictly periodic but for `jitterFraction`, so they may beat with windows. */
  readonly pauses: { readonly everyMs: number; readonly forMs: number; readonly jitterFraction: number };
  /** After a knob was applied the rate is lower by `share` for `forMs`. */
  readonly transition: { readonly forMs: number; readonly share: number };
}

/** Time that `Noise.sigma` refers to: a window of the usual length. */
export const referenceMs = 500;
