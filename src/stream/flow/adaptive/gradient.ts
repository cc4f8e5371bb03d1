/**
 * How many calls at once: by the gradient of what gets done over the number of calls in flight.
 *
 *   done per ms = calls in flight · work / Σ ms     (Little's law; work of a call: its records and its fixed part)
 *
 *   as it is ─▶ fewer, by a factor ─▶ as it is: no less got done with fewer? then fewer
 *   as it is ─▶ more               ─▶ as it is: clearly more got done with more? then more
 *
 * What is tried stands between two looks at what holds, so a service that has become slower is not taken for a worse
 * limit: where the two differ much nothing is concluded. A look that is plainly better or worse than the one before
 * ends after few calls. The factor shrinks when neither side is better, and trials become rarer; a shift makes both
 * nearly as at first. While fewer than half of the limit are in flight nothing is learnt. A change of lanes is only
 * felt once the calls that began before have ended, so a service of few calls a second is learnt in proportion. Pure.
 *
 * @see Kiefer, Wolfowitz, "Stochastic estimation of the maximum of a regression function" (1952): finite differences;
 * Netflix concurrency-limits, GradientLimit, whose ratio of least to present time runs to 1.5 times what is needed
 */
export interface GradientOptions {
  readonly initial: number;
  readonly most: number;
}

/** Calls in a look: as many as may be in flight, and at least. */
const fewestCalls = 32;
/** Two looks that differ by this share over the root of the calls of the shorter, three times what calls do, need no more. */
const plainly = 0.6;
const soonCalls = { worse: 4, better: 8 };
const keptFraction = 0.97;
const worthFraction = 1.04;
const shiftFactor = 1.5;
const factors = [4, 2, 1.5, 1.25];
/** Where it begins after a shift: what holds was found, and little of it will have become wrong. */
const afterShift = 1;
const mostRests = 32;

/** What got done in a row of calls with one limit. */
class Look {
  readonly limit: number;
  #skip: number;
  #calls = 0;
  #inFlight = 0;
  #work = 0;
  #ms = 0;

  /** @param skip calls that began before */
  constructor(limit: number, skip: number) {
    this.limit = limit;
    this.#skip = skip;
  }

  ended(work: number, ms: number, inFlight: number): void {
    if (this.#skip-- > 0) return;
    this.#calls++;
    this.#inFlight += inFlight;
    this.#work += work;
    this.#ms += ms;
  }

  /** No call of it has ended. */
  get isFresh(): boolean {
    return this.#calls === 0;
  }

  get isOver(): boolean {
    return this.#calls >= Math.max(fewestCalls, this.limit);
  }

  differsPlainly(from: Look): boolean {
    const fraction = this.rate / from.rate;
    const calls = Math.min(this.#calls, from.#calls);
    if (calls < (fraction < 1 ? soonCalls.worse : soonCalls.better)) return false;
    return Math.abs(Math.log(fraction)) > plainly / Math.sqrt(calls);
  }

  get rate(): number {
    return ((this.#inFlight / this.#calls) * this.#work) / this.#ms;
  }
}

export class Gradient {
  #most: number;
  #base: number;
  #before: Look | undefined;
  #trial: Look | undefined;
  #now: Look;
  #way: 'fewer' | 'more' = 'fewer';
  /** Index of the factor. */
  #fineness = 0;
  /** Ways in a row in which nothing was better. */
  #failures = 0;
  #rests = 0;
  #fixedRecords = 0;

  constructor({ initial, most }: GradientOptions) {
    this.#base = initial;
    this.#most = most;
    this.#now = new Look(initial, 0);
  }

  setMost(most: number): void {
    this.#most = most;
    if (this.#base > most) this.#restart(most, 0);
    else if (this.limit > most) this.#restart(this.#base, 0);
  }

  /** Calls that may be in flight: an integer of at least 1. */
  get limit(): number {
    return this.#now.limit;
  }

  /** What holds between trials. */
  get base(): number {
    return this.#base;
  }

  /**
   * @param ms that a call took @param records that it had @param inFlight when it ended, itself included
   * @param fixedRecords so many records cost as much as the fixed part of a call; heard between trials only
   */
  ended(ms: number, records: number, inFlight: number, fixedRecords = 0): void {
    if (!(ms > 0) || inFlight < this.limit / 2) return;
    const now = this.#now;
    // Only looks with one unit of work are held against each other.
    if (this.#before === undefined && now.isFresh) this.#fixedRecords = fixedRecords;
    now.ended(records + this.#fixedRecords, ms, inFlight);
    const against = this.#trial ?? this.#before;
    if (against && now.differsPlainly(against)) return this.#next();
    if (now.isOver) this.#next();
  }

  #next(): void {
    const now = this.#now;
    if (this.#before === undefined) return this.#begin(now);
    if (this.#trial === undefined) {
      this.#trial = now;
      this.#now = new Look(this.#base, now.limit);
      return;
    }
    this.#judge(this.#before, this.#trial, now);
  }

  #begin(base: Look): void {
    if (this.#rests > 0) {
      this.#rests--;
      this.#now = new Look(this.#base, 0);
      return;
    }
    const tried = this.#triedLimit();
    if (tried === this.#base) {
      this.#failed();
      this.#now = new Look(this.#base, 0);
      return;
    }
    this.#before = base;
    this.#now = new Look(tried, this.#base);
  }

  #triedLimit(fineness = this.#fineness): number {
    const factor = factors[fineness] as number;
    return this.#way === 'fewer'
      ? Math.max(1, Math.min(this.#base - 1, Math.round(this.#base / factor)))
      : Math.min(this.#most, Math.max(this.#base + 1, Math.round(this.#base * factor)));
  }

  #judge(before: Look, trial: Look, after: Look): void {
    const drift = after.rate / before.rate;
    if (drift > shiftFactor || drift < 1 / shiftFactor) return this.#restart(this.#base, afterShift);
    const fraction = trial.rate / Math.sqrt(before.rate * after.rate);
    this.#before = undefined;
    this.#trial = undefined;
    const isBetter = fraction >= (this.#way === 'fewer' ? keptFraction : worthFraction);
    if (isBetter) {
      this.#now = new Look(trial.limit, this.#base);
      this.#base = trial.limit;
      this.#failures = 0;
      return;
    }
    this.#failed();
    if (after.isOver) this.#begin(after);
    else this.#now = new Look(this.#base, 0);
  }

  #failed(): void {
    this.#way = this.#way === 'fewer' ? 'more' : 'fewer';
    this.#failures++;
    if (this.#failures % 2 !== 0) return;
    const finest = factors.length - 1;
    // Of few lanes, one less is what several factors come to: it is not tried again for each.
    const isNew = this.#triedLimit(this.#fineness) !== this.#triedLimit(finest);
    if (this.#fineness < finest && isNew) this.#fineness++;
    else {
      this.#fineness = finest;
      this.#rests = Math.min(mostRests, 2 ** (this.#failures / 2));
    }
  }

  #restart(base: number, fineness: number): void {
    const { limit } = this;
    this.#base = base;
    this.#before = undefined;
    this.#trial = undefined;
    this.#now = new Look(base, limit);
    this.#fineness = fineness;
    this.#failures = 0;
    this.#rests = 0;
  }
}
