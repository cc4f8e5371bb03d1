/**
 * The conditions under which a verdict means anything. Each check reports the numbers it rests on.
 *
 *   accounting  nothing offered is missing                arrivals    in an open loop they ignore the arm
 *   effective   windows of an arm ran one setting         in-flight   in a closed loop there are no more under the candidate
 *   steady      no knob moved inside windows              carry-over  the arm before leaves no trace
 *
 * A veto needs no more evidence than what it vetoes. A load that follows the arm by half as much as the gain
 * may be all that the gain is: gain and load are then seen through the same noise, and the load may be the
 * later of the two to be proven, so that a twentieth is enough there; otherwise the level of the trial is.
 * In simulation (calls of an open load come 12 % more often under the candidate and look like a gain of 12 %,
 * windows of 100, 300 and 1,000 calls, 600 trials each) all of such gains are voided, at the trial's level 82, 47
 * and 2 % of them; of gains under a load that ignores the arm at most 1.2 % are. A closed loop that answers sooner may have fewer calls in flight, which is the
 * effect and no fault; more of them feign a rate.
 */

import type { Measured, Window } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import type { Check, TrialDesign } from '../entries/entries.ts';
import { logEValue, type Side } from './e-value.ts';
import { secondsOf } from './metric.ts';
import type { Pair } from './pairs.ts';
import { mean, median } from './statistics.ts';

/** Rate at which carry-over is found in a trial where there is none. Checks are read once, at the end. */
const falseAlarm = 0.001;
/** A load that differs by so much of the gain may be what it is; by so little evidence it is then believed. */
const explainingShare = 0.5;
const explainingAlpha = 0.05;
/** Level at which arrivals that cannot be the gain must not differ. */
const mostSmallAlpha = 0.01;
/** Carry-over smaller than this share of the effect may have shrunk the effect, and cannot have caused it. */
const harmlessShare = 0.5;
const unsteadyShare = 0.2;

export function readChecks(design: TrialDesign, seen: readonly Measured[], pairs: readonly Pair[]): readonly Check[] {
  return [
    accounting(seen),
    ...(design.load === 'open' ? [arrivals(design, pairs)] : []),
    ...(design.load === 'closed' && isRate(design) ? [inFlight(design, pairs)] : []),
    carryOver(pairs),
    effective(design, seen),
    steady(seen),
  ];
}

function accounting(seen: readonly Measured[]): Check {
  const wrong = seen.filter(({ window }) => !adds(window)).length;
  return {
    name: 'accounting',
    passed: wrong === 0,
    detail:
      wrong === 0
        ? `offered = settled + in flight in all ${seen.length} windows`
        : `offered ≠ settled + in flight in ${wrong} of ${seen.length} windows`,
  };
}

function adds({ offered, backlogAtStart, backlogAtEnd, outcomes }: Window): boolean {
  return offered + backlogAtStart === settledOf(outcomes) + backlogAtEnd;
}

function arrivals(design: TrialDesign, pairs: readonly Pair[]): Check {
  const perSecond = (window: Window) => window.offered / secondsOf(window);
  // A hold-back has a level of its own, at which one of twenty would end by this.
  const smallAlpha = design.perArrival ? falseAlarm : Math.min(design.alpha, mostSmallAlpha);
  return loadByArm(design, pairs, perSecond, 'arrivals', ['greater', 'less'], smallAlpha);
}

function inFlight(design: TrialDesign, pairs: readonly Pair[]): Check {
  const inFlightIn = (window: Window) => (window.backlogAtStart + window.backlogAtEnd) / 2;
  return { ...loadByArm(design, pairs, inFlightIn, 'calls in flight', ['greater'], 0), name: 'in-flight' };
}

function isRate({ goal }: TrialDesign): boolean {
  return goal.objective.direction === 'maximize';
}

/**
 * @param sides in which the load under the candidate must not differ
 * @param smallAlpha level at which it must not where it cannot be what is gained; 0: there it may
 */
function loadByArm(
  design: TrialDesign,
  pairs: readonly Pair[],
  of: (window: Window) => number,
  what: string,
  sides: readonly Side[],
  smallAlpha: number,
): Check {
  const d = pairs.flatMap(({ baseline, candidate }) => {
    const [before, after] = [of(baseline), of(candidate)];
    return before > 0 && after > 0 ? [Math.log(after / before)] : [];
  });
  const shift = mean(d, 0);
  const gain = mean(
    pairs.map((pair) => pair.d),
    0,
  );
  // By the call offered, fewer of them may look like a gain, and more do not.
  const mayExplain = !design.perArrival || shift < 0;
  const isLarge =
    mayExplain && Math.abs(shift) >= Math.max(explainingShare * Math.abs(gain), -Math.log1p(design.revertAt));
  const scale = median(d.map(Math.abs), 0);
  const needed = isLarge ? explainingAlpha : smallAlpha;
  const dependent = scale > 0 && sides.some((side) => logEValue(d, 0, scale, side) >= Math.log(1 / needed));
  return {
    name: 'arrivals',
    passed: !dependent,
    detail: `${what} ${percentText(Math.expm1(shift))} under the candidate, ${dependent ? 'more than' : 'within'} what chance allows`,
  };
}

/**
 * Carry-over is looked for by the arm that ran before a pair, and not by the autocorrelation of d,
 * which the coin whitens. Whether that arm was the baseline or the candidate is a coin of its own, so
 * without carry-over the deviation of d, signed by that coin, is fair. Two kinds are tested. `drag`: an
 * arm's first window resembles the arm before. `flip`: a window after a change of arm is slower than
 * one after none.
 */
function carryOver(pairs: readonly Pair[]): Check {
  const drag: number[] = [];
  const flip: number[] = [];
  let sum = 0;
  pairs.forEach((pair, i) => {
    if (i >= 2 && pair.after !== null) {
      const afterCandidate = pair.after === 'candidate' ? 1 : -1;
      const baselineFirst = pair.order === 'AB' ? 1 : -1;
      const deviation = pair.d - sum / i;
      flip.push(afterCandidate * deviation);
      drag.push(-afterCandidate * baselineFirst * deviation);
    }
    sum += pair.d;
  });
  const effect = Math.abs(mean(pairs.map((pair) => pair.d)));
  const found = (
    [
      ['drag', drag],
      ['flip', flip],
    ] as const
  ).filter(([, x]) => coinRejected(x));
  const harmful = found.filter(([, x]) => Math.abs(mean(x)) > harmlessShare * effect);
  const seen = found.map(([name, x]) => `${name} ${percentText(Math.expm1(mean(x)))}`).join(', ');
  return {
    name: 'carry-over',
    passed: harmful.length === 0,
    detail:
      found.length === 0
        ? `none found in ${drag.length} pairs`
        : `${seen}: ${harmful.length === 0 ? 'small against the effect' : 'as large as the effect'}`,
  };
}

function effective(design: TrialDesign, seen: readonly Measured[]): Check {
  const settings = (arm: Measured['arm']) =>
    new Set(seen.filter((one) => one.arm === arm).map((one) => keyOf(one.window)));
  const baseline = settings('baseline');
  const candidate = settings('candidate');
  const single = baseline.size <= 1 && candidate.size <= 1;
  const differ =
    design.purpose === 'a/a' ||
    candidate.size === 0 ||
    baseline.size === 0 ||
    [...candidate].every((one) => !baseline.has(one));
  return {
    name: 'effective',
    passed: single && differ,
    detail: !single
      ? `an arm ran ${Math.max(baseline.size, candidate.size)} different settings`
      : differ
        ? 'each arm ran its own setting'
        : 'both arms ran the same setting',
  };
}

function keyOf({ settings }: Window): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function steady(seen: readonly Measured[]): Check {
  const moved = seen.filter(({ window }) => !window.steady).length;
  return {
    name: 'steady',
    passed: moved <= unsteadyShare * seen.length,
    detail: `a knob moved inside ${moved} of ${seen.length} windows`,
  };
}

/** True when the signs of `x` are not those of a fair coin, two-sided at `falseAlarm`. The scale comes from the distances alone, so the signs stay fair. */
function coinRejected(x: readonly number[]): boolean {
  const scale = median(x.map(Math.abs), 0);
  if (!(scale > 0)) return false;
  return (['greater', 'less'] as const).some((side) => logEValue(x, 0, scale, side) >= Math.log(2 / falseAlarm));
}
