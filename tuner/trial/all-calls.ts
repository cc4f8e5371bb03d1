/**
 * Whether a candidate is still good once all calls count alike: those of its few bad windows too, which the
 * bounded bets of a trial hardly hear. It is asked before a hold-back ends.
 *
 *   windows of both arms ─┬─ ratio of sums (sums.ts): can it still be below `revertAt`?   ─┐
 *                         └─ limits over all calls (pooled-limits.ts): beyond any of them?  ├─▶ objections
 *   pairs that lie far from the others (far-pairs.ts): are the bad windows the candidate's? ─┘
 *
 * How many windows are enough follows from the gain: a rate does not fall below 0, so that of a gain of a half a
 * third of all windows would have to stop before it were lost, and 7 windows without a bad one exclude that.
 *
 * An objection prolongs the hold-back, with as much time on the anchor as on the candidate. It is proven,
 * and ends it, once the bad windows are the candidate's and not those of both arms: with no other threshold
 * does a harmless change stay where one window in 20 is bad in both arms. For all objections together
 * that is wrongly proven with a chance of 2 % at most, however often one looks.
 *
 * Simulated in whole runs without guardrails, the breakers' part included (bench/tuner/guards.ts has the worlds):
 *
 *   + 10 % but for one window in 8 that all but stops    2 of 23 commits stayed
 *   +  8 %                      in 10                     2 of 28
 *   +  3 %                      in 20                     1 of 14
 *   + 10 % │ + 5 %, one window in 20 at −30 % in both     0 of 39 │ 1 of 32 undone, proven 78 │ 98 s after the proposal
 */
import type { Interval } from '../../src/contracts.ts';
import { percentText, shareText } from '../../src/foundation/units.ts';
import type { TrialDesign } from '../entries/entries.ts';
import { type BadWindows, badWindows, windowsToExclude } from './bad-windows.ts';
import { type FarPairs, farEvidence, farPairs } from './far-pairs.ts';
import type { AllWindows } from './pairs.ts';
import { pooledLimits } from './pooled-limits.ts';
import { ratioOfSums, sumsInterval } from './sums.ts';

export interface AllCalls {
  /** The ratio of the sums over all calls; null where there is nothing to compare. */
  readonly effect: Interval | null;
  readonly objections: readonly Objection[];
  readonly bad: BadWindows;
  /** Windows of the candidate before which its bad ones may have been missed. */
  readonly enough: number;
  /** What it found, in one sentence. */
  readonly detail: string;
}

interface Objection {
  /** What all calls together do not keep. */
  readonly says: string;
  /** The bad windows are the candidate's. */
  readonly proven: boolean;
  /** What was asked is not kept as measured; else it is only doubted. */
  readonly isBeyond: boolean;
}

/** The objective's part of the error, and that of all guardrails together. */
const falseAlarm = 0.01;
/** So many windows are enough, whatever is asked of them: without a bad one they exclude a share of 5 %. */
const mostWindows = 60;
/**
 * Share of bad windows that has to be excluded where latency or errors are guarded, which fewer of them break: 44
 * windows do. With 29 a tail that one window in 20 ruins stayed in 3 of 10 commits.
 */
const guardedShare = 1 / 15;
/** Of a rare trouble, one more window is taken to be as bad as the worst that was met. */
const doubt = 1;
/**
 * Standard errors below the ratio of sums. One looks after every window and passes at the first look that allows it, so
 * that 1.96 of them let a third of all commits stay that lose 2.5 %: of a bound that holds at every look it takes 2.8
 * to 3.0, from 20 to 300 windows of an arm, to be wrong once in 20.
 * @see Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41 (1970), §3
 */
const width = 2.9;

export function readAllCalls(design: Pick<TrialDesign, 'goal' | 'revertAt'>, windows: AllWindows): AllCalls {
  const { objective, guardrails } = design.goal;
  const { baseline, candidate, pairs } = windows;
  const sums = ratioOfSums(objective, baseline, candidate);
  const doubted = ratioOfSums(objective, baseline, candidate, doubt);
  const effect = sums && sumsInterval(sums);
  const bad = badWindows(objective, candidate);
  const objections: Objection[] = [];
  if (effect && doubted && doubted.log - width * doubted.sigma < Math.log1p(design.revertAt))
    objections.push({
      says: `over all calls it may be worse than ${percentText(design.revertAt)}`,
      proven: isProven(farPairs(pairs.map(({ d }) => d)), falseAlarm),
      isBeyond: effect.estimate < design.revertAt,
    });
  for (const { says, isBeyond, far } of pooledLimits(guardrails, windows))
    objections.push({ says, isBeyond, proven: isProven(far, falseAlarm / guardrails.length) });
  const enough = enoughFor(design, effect);
  return { effect, objections, bad, enough, detail: detailOf(effect, bad, objections) };
}

/**
 * A rate cannot fall below 0: where even the least of the gain is large, only a large share of bad windows could undo
 * it, and few windows exclude that. How bad a bad window of a latency may be, nobody knows.
 */
function enoughFor({ goal, revertAt }: Pick<TrialDesign, 'goal' | 'revertAt'>, effect: Interval | null): number {
  if (goal.objective.direction === 'minimize' || effect === null) return mostWindows;
  const undoing = windowsToExclude(1 - (1 + revertAt) / (1 + effect.low));
  return Math.min(mostWindows, Math.max(undoing, goal.guardrails.length > 0 ? windowsToExclude(guardedShare) : 0));
}

function isProven(far: FarPairs, alpha: number): boolean {
  return farEvidence(far) >= 1 / alpha;
}

function detailOf(effect: Interval | null, bad: BadWindows, objections: readonly Objection[]): string {
  const sums = effect
    ? `over all calls ${percentText(effect.estimate)} (${percentText(effect.low)} to ${percentText(effect.high)})`
    : 'no calls to add up';
  const windows = `${bad.count} of ${bad.of} windows under it were bad, which excludes a share above ${shareText(bad.atMost)}`;
  return [sums, windows, ...objections.map(({ says }) => says)].join('; ');
}

/**
 * What comes of all calls. `proven`: the candidate is worse. `lost`: in the time allowed it was, over all calls, worse
 * than `revertAt` or beyond a guardrail, though nobody can say that it is: of few and noisy windows that happens to an
 * equal one too, in one case of four, and a setting that was not shown to be good does not stay. `few`: its bad windows may have been missed. `open`: more is to be known.
 */
export function outcomeOfAllCalls(
  { objections, bad, enough }: AllCalls,
  isLate: boolean,
): 'proven' | 'lost' | 'passed' | 'few' | 'open' {
  if (objections.some(({ proven }) => proven)) return 'proven';
  if (isLate && objections.some(({ isBeyond }) => isBeyond)) return 'lost';
  if (isLate) return 'passed';
  if (objections.length === 0) return bad.of < enough ? 'few' : 'passed';
  return bad.of < mostWindows ? 'few' : 'open';
}
