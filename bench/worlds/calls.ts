/**
 * The calls of a world: how many settle in a stretch of time, how many wait after it, and how long those
 * that settled were delayed by what had piled up before.
 *
 * A closed loop serves what it can. An open one that can serve more than comes lets out as many as come
 * (Burke 1956: the departures of M/M/1 are the arrivals' Poisson process); what comes beyond the capacity
 * is a backlog that is carried over. Calls leave in the order they came, so the one that leaves now came
 * when as many had come as have left by now: that is the delay, also where the rate has changed since.
 */
import type { Settings } from '../../src/contracts.ts';
import type { RandomSource } from '../../src/foundation/random.ts';
import { poisson } from './chance.ts';
import { inFlightAt, leastUnused, offeredPerSecond } from './load.ts';
import type { WorldLoad } from './spec.ts';

/** A stretch of time to serve in, within which nothing changes. */
interface Served {
  readonly settings: Settings;
  readonly startMs: number;
  readonly endMs: number;
  /** What can be served, disturbed and undisturbed. */
  readonly perSecond: number;
  readonly usualPerSecond: number;
}

/** By `atMs` so many calls had come in all. */
interface Mark {
  readonly atMs: number;
  readonly offered: number;
  readonly usualPerSecond: number;
}

/** A rate that was so many times higher or lower while the calls that leave now came is another one. */
const jump = 1.25;

export class Calls {
  readonly #load: WorldLoad;
  readonly #random: RandomSource;
  #waiting: number;
  #settled = 0;
  /** Part of a call that the stretches before have worked on. */
  #begun = 0;
  /** Ascending; from the last that came before the calls that leave next. */
  #marks: Mark[] = [];

  constructor(load: WorldLoad, random: RandomSource, settings: Settings) {
    this.#load = load;
    this.#random = random;
    this.#waiting = inFlightAt(load, 0, settings);
  }

  /** Calls offered and not settled. */
  get inFlight(): number {
    return this.#waiting;
  }

  /** The calls that leave next came at other rates than they leave: stretches must be short to see it. */
  isUnsettled(usualPerSecond: number, atMs: number, settings: Settings): boolean {
    if (this.#load.kind === 'open')
      return this.#waiting > usualPerSecond / 100 + 3 || offeredPerSecond(this.#load, atMs, settings) >= usualPerSecond;
    return this.#marks.some((mark) => Math.abs(Math.log(mark.usualPerSecond / usualPerSecond)) > Math.log(jump));
  }

  /** Serves for a stretch. @returns calls that settled, and their mean delay in ms; null where Little's law or M/M/1 says it */
  serve(stretch: Served): { readonly settled: number; readonly delayMs: number | null } {
    const { settings, startMs, endMs, perSecond, usualPerSecond } = stretch;
    const [middleMs, seconds] = [(startMs + endMs) / 2, (endMs - startMs) / 1000];
    const isUnsettled = this.isUnsettled(usualPerSecond, startMs, settings);
    if (this.#marks.length === 0) this.#mark(startMs, usualPerSecond);
    const due = perSecond * seconds + this.#begun;
    const whole = Math.floor(due);
    this.#begun = due - whole;
    let settled = whole;
    if (this.#load.kind === 'closed') {
      this.#waiting = Math.max(inFlightAt(this.#load, middleMs, settings), this.#waiting - whole);
    } else {
      const offered = offeredPerSecond(this.#load, middleMs, settings);
      const came = poisson(this.#random, offered * seconds);
      const isStable = this.#waiting === 0 && offered <= (1 - leastUnused) * perSecond;
      settled = isStable ? came : Math.min(whole, this.#waiting + came);
      if (settled !== whole) this.#begun = 0;
      this.#waiting += came - settled;
    }
    this.#settled += settled;
    this.#mark(endMs, usualPerSecond);
    const delayMs = isUnsettled ? middleMs - this.#cameMs(this.#settled - settled / 2) : null;
    this.#forget();
    return { settled, delayMs };
  }

  #mark(atMs: number, usualPerSecond: number): void {
    this.#marks.push({ atMs, offered: this.#settled + this.#waiting, usualPerSecond });
  }

  /** When the call of that number came. Before the first mark all came at its rate. */
  #cameMs(call: number): number {
    const after = this.#marks.findIndex((mark) => mark.offered >= call);
    const [before, mark] = [this.#marks[after - 1], this.#marks[after]];
    if (!mark) return this.#marks.at(-1)?.atMs ?? 0;
    if (!before) return mark.atMs - (1000 * (mark.offered - call)) / mark.usualPerSecond;
    const part = (call - before.offered) / Math.max(1, mark.offered - before.offered);
    return before.atMs + part * (mark.atMs - before.atMs);
  }

  /** Marks before which nobody still waits. */
  #forget(): void {
    const first = this.#marks.findIndex((mark) => mark.offered >= this.#settled);
    this.#marks = this.#marks.slice(Math.max(0, (first < 0 ? this.#marks.length : first) - 1));
  }
}
