/**
 * The calls of a world: how many settle in a stretch of time, how many wait after it, how long they
 * take. A closed loop serves what it can, and its latency is Little's law. An open one is a queue
 * with exponential service times; what arrives beyond the capacity is a backlog that is carried over.
 * @see Kleinrock, "Queueing Systems" I, §3.2 (M/M/1: the time in the system is exponential)
 */
import type { RandomSource } from '../../src/foundation/random.ts';
import { poisson } from './chance.ts';
import { exponential, lognormal, type Shape } from './latency.ts';
import type { Over, WorldLoad } from './spec.ts';

/** Least share of the capacity that stays unused: nearer to saturation a queue takes hours to reach its length. */
const leastUnused = 0.02;

export class Calls {
  readonly #load: WorldLoad;
  readonly #random: RandomSource;
  #waiting: number;
  /** Part of a call that the stretches before have worked on. */
  #begun = 0;

  constructor(load: WorldLoad, random: RandomSource) {
    this.#load = load;
    this.#random = random;
    this.#waiting = load.kind === 'closed' ? wholeAt(load.inFlight, 0) : 0;
  }

  /** Calls offered and not settled. */
  get inFlight(): number {
    return this.#waiting;
  }

  /** @param perSecond what can be served @returns calls that settled in `ms` round `middleMs` */
  serve(perSecond: number, ms: number, middleMs: number): number {
    const load = this.#load;
    const due = (perSecond * ms) / 1000 + this.#begun;
    const whole = Math.floor(due);
    this.#begun = due - whole;
    if (load.kind === 'closed') {
      this.#waiting = Math.max(wholeAt(load.inFlight, middleMs), this.#waiting - whole);
      return whole;
    }
    const there = this.#waiting + poisson(this.#random, (valueAt(load.perSecond, middleMs) * ms) / 1000);
    if (whole > there) this.#begun = 0;
    const settled = Math.min(whole, there);
    this.#waiting = there - settled;
    return settled;
  }
}

/** Calls that are offered, as many as a second of this moment brings; a closed loop brings whatever is served. */
export function offeredPerSecond(load: WorldLoad, atMs: number): number {
  return load.kind === 'open' ? valueAt(load.perSecond, atMs) : Infinity;
}

/** @param backlog of an open load: calls that wait beyond those a queue always holds */
export function meanLatencyMs(load: WorldLoad, perSecond: number, atMs: number, backlog = 0): number {
  if (load.kind === 'closed') return (1000 * wholeAt(load.inFlight, atMs)) / perSecond;
  const unused = Math.max(leastUnused * perSecond, perSecond - valueAt(load.perSecond, atMs));
  return 1000 / unused + (1000 * backlog) / perSecond;
}

export function usualShape({ kind }: WorldLoad): Shape {
  return kind === 'closed' ? lognormal : exponential;
}

function valueAt(value: Over, atMs: number): number {
  return typeof value === 'number' ? value : value(atMs);
}

function wholeAt(value: Over, atMs: number): number {
  return Math.max(0, Math.round(valueAt(value, atMs)));
}
