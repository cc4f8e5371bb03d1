/**
 * The design of a trial: everything that is fixed and written to the ledger before its first window. It
 * follows from the reference, the options and the seed alone.
 */
import type { Load, Settings, Window } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { quantileMs } from '../../src/measure/distribution.ts';
import type { SessionEntry, TrialDesign, TrialPurpose } from '../entries/entries.ts';
import { isCheaper } from '../entries/settings.ts';
import { commitAlphaOf, type Spent } from './budget.ts';
import { inferLoad } from './infer-load.ts';
import { unjudgeable } from './plan.ts';

/** What a design is made from. */
export interface DesignFacts {
  readonly session: SessionEntry;
  readonly current: Settings;
  readonly reference: Reference;
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
}

/** Share of a window that is discarded after a change of arm, even where no call has to drain. */
const discardFraction = 0.1;
/** Level of a hold-back: it checks again what was proven at `alpha` before, and five pairs can reach it. */
const holdBackAlpha = 0.05;
/** The newest windows of the reference, whose p99 latency says how long calls take to drain. */
const drainWindows = 8;

/** Windows of a trial are made up to so many times longer where its guardrails need more calls. */
const longerWindows = [1, 1.5, 2, 3, 4, 6, 8] as const;

/** What a trial is for. */
export interface Aim {
  readonly purpose: TrialPurpose;
  /** Its candidate is the configured default. */
  readonly audit?: true;
  /** Gain of the objective that was predicted of the candidate, a fraction. Absent: nobody predicted one. */
  readonly predicted?: number;
}

/**
 * In mode auto nothing is tried whose guardrails stay unjudged, so that there windows are as long as it takes to
 * judge them within `maxDurationMs`, as far as that is possible.
 * @param nowMs on the session's own clock
 */
export function designOf(facts: DesignFacts, nowMs: number, aim: Aim, candidate: Settings): TrialDesign {
  const design = shortestDesign(facts, nowMs, aim, candidate);
  const isPlain = aim.purpose !== 'candidate' || aim.audit || facts.session.options.mode !== 'auto';
  if (isPlain) return design;
  const longer = longerWindows.map((times) => ({
    ...design,
    windowMs: times * design.windowMs,
    discardMs: Math.max(discardFraction * times * design.windowMs, design.discardMs),
  }));
  return longer.find((one) => unjudgeable(one, facts.reference.windows, aim.predicted).length === 0) ?? design;
}

function shortestDesign(facts: DesignFacts, nowMs: number, { purpose, audit }: Aim, candidate: Settings): TrialDesign {
  const { options, goal, knobs, seed } = facts.session;
  const drain = drainMs(facts.reference.windows.slice(-drainWindows));
  const windowMs = Math.max(options.windowMs, 1.5 * drain, 1.2 * msForCompletions(facts));
  return {
    seed: Math.floor(randomStream(seed, `trial ${facts.nextTrial}`)() * 2 ** 32),
    purpose,
    goal,
    load: loadOf(facts),
    windowMs,
    jitterFraction: 0.2,
    discardMs: Math.max(discardFraction * windowMs, drain),
    minCompletions: options.minCompletions,
    rampPairs: purpose === 'candidate' ? 1 : 0,
    sigmaD: facts.reference.sigmaD,
    alpha: purpose === 'hold-back' ? holdBackAlpha : options.alpha,
    commitAlpha: audit ? options.alpha : levelOf(facts, nowMs, purpose),
    ...(audit && { audit }),
    revertAt: options.revertAt,
    cheaper: isCheaper(knobs, facts.current, candidate),
    maxPairs: purpose === 'a/a' ? options.noisePairs : options.maxPairs,
    maxDurationMs: options.maxDurationMs,
    engine: true,
    breakers: true,
  };
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

/** Milliseconds in which the reference completes as many calls as both windows of a pair must bring. */
function msForCompletions({ reference, session }: DesignFacts): number {
  const settled = reference.windows.reduce((sum, window) => sum + window.outcomes.ok, 0);
  const spanMs = reference.windows.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  return settled === 0 ? 0 : (session.options.minCompletions * spanMs) / settled;
}
