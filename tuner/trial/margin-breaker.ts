/**
 * The sign that a guarded latency lies plainly beyond its margin, as two fifths do where 2 % are allowed. The proof
 * takes ten pairs and more, half of whose calls are made at the candidate.
 *
 *   baseline windows, each against the one before ── rms ──▶ noise of the metric
 *   a candidate window against its neighbours ── further than margin, tenth and noise? ──▶ sign
 *
 * Only trials are read so. A hold-back has so many windows at the candidate that some in a row are slow by chance.
 */
import type { Guardrail, Measured, Window } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { TrialDesign } from '../entries/entries.ts';
import { guardedDifference } from './metric.ts';
import { pairAtOneBacklog } from './overload.ts';
import { rampWindows } from './schedule.ts';
import { mean, rootMeanSquare } from './statistics.ts';
import { blockCalls } from './super-blocks.ts';

interface Beside {
  readonly window: Window;
  readonly neighbours: readonly Window[];
}

/** Differences of baseline windows from which the noise is taken. */
const fewestDifferences = 3;
/** Beyond the margin by less is none, however quiet the baseline was. */
const smallestExcess = 0.1;
const noises = 3;

/** @param seen ramp included, oldest first */
export function marginSigns(
  design: TrialDesign,
  seen: readonly Measured[],
): readonly ((candidate: Beside) => string | null)[] {
  if (design.purpose !== 'candidate') return [];
  const inPairs = seen.slice(rampWindows(design));
  const baselines = inPairs.flatMap(({ arm, window }) => (arm === 'baseline' && window.steady ? [window] : []));
  if (baselines.length <= fewestDifferences) return [];
  const judged = new Set(inPairs.map(({ window }) => window));
  return design.goal.guardrails.flatMap((guardrail) => {
    const signOf = signFor(guardrail, baselines, design.overloaded === true);
    return signOf ? [(one: Beside) => (judged.has(one.window) ? signOf(one) : null)] : [];
  });
}

function signFor(
  guardrail: Guardrail,
  baselines: readonly Window[],
  isOverloaded: boolean,
): ((candidate: Beside) => string | null) | null {
  const { metric } = guardrail;
  if (guardrail.kind !== 'relative' || metric === 'errors' || metric === 'cpu') return null;
  const differenceOf = (before: Window | undefined, after: Window): readonly number[] => {
    if (!before) return [];
    const [one, other] = isOverloaded ? pairAtOneBacklog(before, after) : [before, after];
    if (Math.min(one.latency.count, other.latency.count) < blockCalls(metric)) return [];
    const d = guardedDifference(metric, [one], [other]);
    return d === null ? [] : [d];
  };
  const differences = baselines.flatMap((after, i) => differenceOf(baselines[i - 1], after));
  if (differences.length < fewestDifferences) return null;
  const limit = Math.log1p(guardrail.margin) + Math.max(smallestExcess, noises * rootMeanSquare(differences));
  return ({ window, neighbours }) => {
    const change = mean(neighbours.flatMap((one) => differenceOf(one, window)));
    return change < -limit ? `${metric} ${percentText(Math.expm1(-change), 0)}` : null;
  };
}
