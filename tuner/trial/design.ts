/**
 * The design of a trial: everything that is fixed and written to the ledger before its first window. It
 * follows from the reference, the options and the seed alone.
 */
import type { Guardrail, Load, Settings, Visit, Window } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { quantileMs } from '../../src/measure/distribution.ts';
import type { SessionEntry, TrialDesign, TrialPurpose } from '../entries/entries.ts';
import { isCheaper, sameSettings } from '../entries/settings.ts';
import { isPerArrival, sigmaPerArrival } from './arrivals.ts';
import { commitAlphaOf, type Spent } from './budget.ts';
import { type ChangeCosts, washOf } from './change-cost.ts';
import { dipsIn } from './dips.ts';
import { goalNow } from './goal-now.ts';
import { inferLoad } from './infer-load.ts';
import { type Judgeable, withJudgeable } from './judgeable.ts';
import { limitsOfRss } from './memory-limit.ts';
import { isOverloaded, servedWithinMs } from './overload.ts';
import { discardFraction, pairMsOf } from './plan.ts';
import { peakRss } from './rss.ts';
import { shortestOf, shortestWindowMs } from './window-length.ts';

/** What a design is made from. */
export interface DesignFacts {
  readonly session: SessionEntry;
  readonly current: Settings;
  readonly reference: Reference;
  /** What was found at other settings, oldest first. */
  readonly visits?: readonly Visit[];
  /** Absent: no change of a knob is known to cost anything. */
  readonly changeCosts?: ChangeCosts;
  readonly spent: readonly Spent[];
  /** Number of the trial to be designed, from which its seed is drawn. */
  readonly nextTrial: number;
}

/** Steady windows at the setting in force, and how much they vary. */
export interface Reference {
  /** Oldest first. */
  readonly windows: readonly Window[];
  /** σ of log(next window / this one). */
  readonly sigmaD: number;
  /** CPUs that the process could use meanwhile. */
  readonly cpus: number;
  /** Something stood in for the objective by the reference before (goal-now.ts). */
  readonly stoodIn?: boolean;
}

const jitterFraction = 0.2;
/** Level of a hold-back: it checks again what was proven at `alpha` before, and five pairs can reach it. */
const holdBackAlpha = 0.05;
/** The newest windows, whose p99 latency says how long calls take to drain. */
const drainWindows = 8;

/** A gain that shows in any window, and how surely it was seen. */
const plainly = { gain: 0.2, sds: 2 } as const;

/** Windows of a trial are made up to so many times longer where its guardrails need more calls. */
const longerWindows = [1, 1.5, 2, 3, 4, 6, 8] as const;

/** What a trial is for. */
export interface Aim {
  readonly purpose: TrialPurpose;
  /** Its candidate is the configured default. */
  readonly audit?: true;
  /** A visit has shown that its candidate does no harm: it needs no short windows first. */
  readonly isKnown?: boolean;
  /** Gain of the objective that was predicted of the candidate, a fraction. Absent: nobody predicted one. */
  readonly predicted?: number;
  /** Of a hold-back: the design of the trial before it, whose guardrails it has. */
  readonly after?: TrialDesign;
  /** Of a hold-back: its gain is so large that the shortest windows show it again. */
  readonly isLarge?: boolean;
}

/**
 * The windows of a candidate's trial are the shortest in which its guardrails are judged as they were wished; where no
 * length does that in time, those of the default guardrails that cannot be judged give way (judgeable.ts).
 * @param nowMs on the session's own clock
 */
export function designOf(facts: DesignFacts, nowMs: number, aim: Aim, candidate: Settings): TrialDesign {
  const goal = aim.after?.goal ?? goalNow(facts);
  const base = { ...baseDesign(facts, nowMs, { ...aim, goal }, candidate), washMs: washMsOf(facts, aim, candidate) };
  if (aim.purpose !== 'candidate') return withWindows(facts, base, repeatedMs(facts, aim));
  const { predicted = 0 } = aim;
  const judged = (design: TrialDesign) => withJudgeable(design, facts.reference.windows, predicted);
  let best: Judgeable | null = null;
  for (const times of longerWindows) {
    const wished = withWindows(facts, base, times * shortestFor(facts, goal.guardrails, candidate));
    const first = judged(wished);
    // What stands in for a guardrail may need shorter windows.
    const shorter = times * shortestFor(facts, first.design.goal.guardrails, candidate);
    const one = first.loosened > 0 && shorter < wished.windowMs ? judged(withWindows(facts, base, shorter)) : first;
    if (best === null || one.loosened < best.loosened) best = one;
    if (best.loosened === 0) break;
  }
  return (best as Judgeable).design;
}

/** Time that calls take to be as they were after a change of arm, as far as it is known. One setting twice changes nothing. */
function washMsOf({ changeCosts = {}, current }: DesignFacts, { purpose }: Aim, candidate: Settings): number {
  if (purpose === 'a/a') return 0;
  if (purpose === 'candidate') return washOf(changeCosts, current, candidate);
  return Math.max(0, ...Object.values(changeCosts).map(({ washMs }) => washMs));
}

/** All of a design but its windows, which follow from the guardrails. */
function baseDesign(
  facts: DesignFacts,
  nowMs: number,
  { purpose, audit, goal, after, isKnown = false }: Aim & Pick<TrialDesign, 'goal'>,
  candidate: Settings,
): Omit<TrialDesign, 'windowMs' | 'discardMs' | 'maxPairs'> {
  const { options, knobs, seed } = facts.session;
  const held = limitsOfRss(goal.guardrails).length > 0 ? peakRss(facts.reference.windows.slice(-drainWindows)) : null;
  // An a/a trial shows the noise of what everybody reads: calls by the second.
  const isByArrival =
    purpose !== 'a/a' && (after?.perArrival ?? isPerArrival(goal.objective, loadOf(facts), facts.reference.windows));
  return {
    seed: Math.floor(randomStream(seed, `trial ${facts.nextTrial}`)() * 2 ** 32),
    purpose,
    goal,
    load: loadOf(facts),
    ...(isOverloadedIn(facts) && { overloaded: true }),
    jitterFraction,
    minCompletions: options.minCompletions,
    rampPairs: purpose === 'candidate' && !isKnown ? 1 : 0,
    sigmaD: isByArrival ? sigmaPerArrival(goal.objective, facts.reference.windows) : facts.reference.sigmaD,
    ...(isByArrival && { perArrival: true }),
    dips: dipsIn({ goal, ...(isByArrival && { perArrival: true }) }, facts.reference.windows),
    alpha: purpose === 'hold-back' ? holdBackAlpha : options.alpha,
    commitAlpha: audit ? options.alpha : levelOf(facts, nowMs, purpose),
    ...(audit && { audit }),
    revertAt: options.revertAt,
    cheaper: isCheaper(knobs, facts.current, candidate),
    ...(held !== null && { rssBeforeBytes: held }),
    maxDurationMs: options.maxDurationMs,
    engine: true,
    breakers: true,
  };
}

function withWindows(
  facts: DesignFacts,
  { washMs, ...base }: Omit<TrialDesign, 'windowMs' | 'discardMs' | 'maxPairs'> & { readonly washMs: number },
  wishedMs: number,
): TrialDesign {
  const { options } = facts.session;
  // Of a pair at least half the time counts.
  const windowMs = Math.max(wishedMs, washMs);
  const discardMs = Math.max(discardFraction * windowMs, drainOf(facts), washMs);
  // As many as there can be at all, since only time ends a trial that may prove something.
  const mostPairs = Math.ceil(
    options.maxDurationMs / pairMsOf({ windowMs: (1 - jitterFraction) * windowMs, discardMs }),
  );
  return {
    ...base,
    windowMs,
    discardMs,
    sigmaD: base.purpose === 'a/a' ? base.sigmaD : sigmaIn(facts, base.sigmaD, windowMs),
    maxPairs: base.purpose === 'a/a' ? options.noisePairs : mostPairs,
  };
}

/** σ_d of windows shorter than the reference's, of which fewer calls make one; longer ones are not trusted to be quieter. */
function sigmaIn({ reference: { windows } }: DesignFacts, sigmaD: number, windowMs: number): number {
  const usualMs = windows.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / Math.max(1, windows.length);
  return sigmaD * Math.sqrt(Math.max(1, usualMs / windowMs));
}

function shortestFor(facts: DesignFacts, guardrails: readonly Guardrail[], candidate: Settings): number {
  const { windowMs: givenMs, minCompletions: completions, maxDurationMs } = facts.session.options;
  const [perMs, drainMs] = [ratePerMs(facts.reference.windows), drainOf(facts)];
  const isPlain = gainsPlainly(facts, candidate);
  return shortestWindowMs({ givenMs, completions, perMs, drainMs, guardrails, maxDurationMs, isPlain });
}

/** A visit from what is in force has shown a large gain, beyond what chance makes of a few windows. */
function gainsPlainly({ visits = [], current }: DesignFacts, candidate: Settings): boolean {
  const visit = visits.findLast(
    ({ settings, from }) => sameSettings(settings, candidate) && sameSettings(from, current),
  );
  return visit !== undefined && visit.gain - plainly.sds * visit.sd > Math.log1p(plainly.gain);
}

/**
 * A window in which enough calls come out and few reach over its ends, long enough for no more than that.
 * @param windows of the service, oldest first
 * @param isShort as short as that allows, and not as long as windows are at rest
 * @param isQueue calls wait in a queue that no window is longer than
 */
export function plainWindowMs(
  { windowMs, minCompletions }: Pick<SessionEntry['options'], 'windowMs' | 'minCompletions'>,
  windows: readonly Window[],
  isShort: boolean,
  isQueue: boolean,
): number {
  const perMs = ratePerMs(windows);
  const msForCompletions = perMs > 0 ? minCompletions / perMs : 0;
  return Math.max(
    isShort ? shortestOf(windowMs) : windowMs,
    1.5 * newestDrainMs(windows, isQueue),
    1.2 * msForCompletions,
  );
}

/**
 * Of an a/a trial and a hold-back. The latter's are at least as long as those of its trial; where its gain is large, which
 * shows in any window, they are short, for no block of calls is asked for any more.
 */
function repeatedMs(facts: DesignFacts, { after, isLarge = false }: Aim): number {
  const plainMs = plainWindowMs(facts.session.options, facts.reference.windows, isLarge, isOverloadedIn(facts));
  const before = after?.windowMs ?? 0;
  return isLarge ? Math.min(before, plainMs) : Math.max(before, plainMs);
}

function drainOf(facts: DesignFacts): number {
  return newestDrainMs(facts.reference.windows, isOverloadedIn(facts));
}

function newestDrainMs(windows: readonly Window[], isQueue: boolean): number {
  const newest = windows.slice(-drainWindows);
  return isQueue ? servedWithinMs(newest) : drainMs(newest);
}

function isOverloadedIn(facts: DesignFacts): boolean {
  return isOverloaded(loadOf(facts), facts.reference.windows);
}

/** The load that the executor declares, else the one inferred from the reference. */
export function loadOf({ session, reference }: Pick<DesignFacts, 'session' | 'reference'>): Load {
  return session.load ?? inferLoad(reference.windows);
}

/** Time after which the calls of an earlier arm have come out: their p99 latency. Milliseconds. */
export function drainMs(windows: readonly Window[]): number {
  return windows.reduce(
    (longest, window) => (window.latency.count === 0 ? longest : Math.max(longest, quantileMs(window.latency, 0.99))),
    0,
  );
}

function levelOf({ session, spent }: DesignFacts, nowMs: number, purpose: TrialPurpose): number {
  switch (purpose) {
    case 'candidate':
      return commitAlphaOf(spent, nowMs, session.options);
    case 'hold-back':
      return holdBackAlpha;
    case 'a/a':
      return session.options.alpha;
  }
}

/** Calls that complete a millisecond. */
function ratePerMs(windows: readonly Window[]): number {
  const settled = windows.reduce((sum, window) => sum + window.outcomes.ok, 0);
  const spanMs = windows.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  return spanMs > 0 ? settled / spanMs : 0;
}
