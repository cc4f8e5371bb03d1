/**
 * A world as data: knobs, load, a law that says what a setting does, what strikes it by chance, and the
 * noise that strikes by the world's own clock, whatever setting is in force.
 */
import type { CacheUse, KnobSpec, Settings, SettingValue } from '../../src/contracts.ts';
import type { Shape } from './latency.ts';

export interface WorldSpec {
  readonly name: string;
  readonly knobs: readonly WorldKnob[];
  readonly load: WorldLoad;
  readonly law: Law;
  readonly noise?: Partial<Noise>;
  /** Troubles that are part of what is to be expected of a setting. */
  readonly strikes?: readonly Strike[];
  /** CPUs that the process may use. Default: as many as the machine that computes the world. */
  readonly cpus?: (atMs: number) => number;
  /** What builds up slowly under some settings. */
  readonly builds?: Builds;
  /**
   * The next moment after `afterMs` at which the law or the load jumps, for no stretch is computed across one.
   * `appliedMs`: when a knob last took another value. Default: there is none.
   */
  readonly changes?: (afterMs: number, appliedMs: number) => number;
}

/** A number from 1 to 1,024 unless said otherwise. */
export type WorldKnob = Partial<KnobSpec> & {
  readonly id: string;
  readonly defaultValue: SettingValue;
  /** Values `apply()` rejects. */
  readonly refuses?: (value: SettingValue) => boolean;
  /** What comes into force when a value is applied. Default: that value. */
  readonly takes?: (value: SettingValue) => SettingValue;
  /** `read()` says that what was applied is in force, whatever `takes` made of it. Default: false. */
  readonly lies?: boolean;
};

/** Both may change over time, and with the settings: who gets an answer sooner may ask for more. */
export type WorldLoad =
  | { readonly kind: 'closed'; readonly inFlight: Over }
  | { readonly kind: 'open'; readonly perSecond: Over };
export type Over = number | ((atMs: number, settings: Settings) => number);

export type Law = (settings: Settings, atMs: number, past: Past) => Service;

/** What a world remembers of the settings that were in force. */
export interface Past {
  /** How far what builds up has come, from 0 to 1; in `truth()` as far as it will come. */
  readonly built: number;
  /** Time since a knob last took another value; Infinity in `truth()`. */
  readonly stayedMs: number;
}

/** `Past.built` follows its target as the charge of a capacitor does. */
export interface Builds {
  /** Time constant. */
  readonly timeMs: number;
  /** From 0 to 1. */
  readonly target: (settings: Settings) => number;
}

/**
 * Something that happens by chance and lasts for one slot of time. Each slot is struck with the same
 * probability, whatever happened before.
 */
export interface Strike {
  /** One slot in so many is struck, on average. */
  readonly oneIn: number;
  /** Length of a slot. */
  readonly forMs: number;
  /**
   * Where slots are counted from: the world's beginning, or the moment a knob last moved, so that a
   * window which begins with a flip meets one slot. Default: 'beginning'.
   */
  readonly from?: 'beginning' | 'flip';
  /** The service while it lasts; the same one where the setting is spared. */
  readonly does: (service: Service, settings: Settings) => Service;
}

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
  /** Mean latency where no backlog waits. Default: Little's law in a closed loop, M/M/1 in an open one. */
  readonly latencyMs?: number;
  /** Share of the latency that is waiting for a worker. Default: not told. */
  readonly waitShare?: number;
  /** Share of the ok calls that anybody wanted; the others were asked again. Windows cannot tell, `truth()` does. Default: 1. */
  readonly wantedFraction?: number;
  /** Default: one call a batch, 0.2 ms of CPU a call, all workers busy. */
  readonly work?: ServiceWork;
  /**
   * Memory that the process needs at the setting, bytes. It holds that at once, and at least as much as it ever held
   * since knobs were kept warm; what it needs no more it gives back within a minute. Default: not told.
   */
  readonly rssBytes?: number;
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
  /** Time for which workers with calls waited for what these had asked of others. Default: not told. */
  readonly ownWaitMs?: number;
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
