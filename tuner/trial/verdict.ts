/**
 * The rules that end a trial, in their order, after each window.
 *
 *   breaker ▸ no data ▸ worse ▸ guardrail ▸ better ▸ equivalent ▸ futile ▸ max duration ▸ go on
 *
 * Worse comes before better: a loss must never wait. A breaker looks at every window, the rest at
 * complete pairs. Purposes differ:
 *   candidate  all of it
 *   a/a        runs exactly maxPairs pairs, so that its interval is of a size fixed beforehand
 *   hold-back  ends as soon as the candidate is proven not worse than `revertAt`
 */
import type { Measured, Verdict } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { Check, GuardrailReading, TrialDesign, Trigger } from '../entries/entries.ts';
import { tripped } from './breakers.ts';
import { isProven, logEValue, type Side } from './e-value.ts';
import { lossAlpha } from './guardrails.ts';
import type { Sorted } from './pairs.ts';
import { isHopeless } from './plan.ts';

export interface Ending {
  readonly verdict: Verdict;
  readonly trigger: Trigger;
  readonly reason: string;
  /** Natural log of the e-value of the hypothesis the verdict rests on. */
  readonly logE: number;
}

/** Read only where a rule needs them. */
export interface Readings {
  readonly guardrails: () => readonly GuardrailReading[];
  readonly checks: () => readonly Check[];
}

/** Unusable pairs in a row after which there is no data; in all, this share of maxPairs. */
const droppedInARow = 3;
const droppedShare = 0.25;
/** Before this many pairs nothing is called futile: a harm must have had time to show. */
const futileFrom = 12;

export function endingOf(
  design: TrialDesign,
  seen: readonly Measured[],
  sorted: Sorted,
  readings: Readings,
): Ending | null {
  const d = sorted.pairs.map((pair) => pair.d);
  const rules = new Rules(design, d, readings);
  if (design.breakers && design.purpose !== 'a/a') {
    const sign = tripped(design, seen);
    if (sign)
      return {
        verdict: 'worse',
        trigger: sign.trigger,
        reason: sign.because,
        logE: rules.evidence('less', rules.loss),
      };
  }
  if (sorted.atPairEnd) {
    if (
      sorted.droppedInARow >= droppedInARow ||
      sorted.droppedCount > Math.max(droppedInARow, droppedShare * design.maxPairs)
    ) {
      return rules.open(
        'no data',
        `${sorted.droppedCount} pairs could not be used: no calls, too few, or a knob moved`,
      );
    }
    const ending = sorted.droppedInARow > 0 ? null : byPurpose(design, rules);
    if (ending) return ending;
  }
  const spentMs = spentOn(design, seen);
  return spentMs >= design.maxDurationMs
    ? rules.out('max duration', `${Math.round(spentMs / 1000)} s were not enough to tell`)
    : null;
}

/** From the first window to the last; of a hold-back only its windows, not the long gaps between them. */
function spentOn(design: TrialDesign, seen: readonly Measured[]): number {
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return 0;
  if (design.purpose !== 'hold-back') return last.window.endMs - first.window.startMs;
  return seen.reduce((sum, { window }) => sum + window.endMs - window.startMs + design.discardMs, 0);
}

function byPurpose(design: TrialDesign, rules: Rules): Ending | null {
  if (design.purpose === 'a/a')
    return rules.done
      ? (rules.equivalent() ?? rules.open('futile', 'one setting against itself: the interval is the noise'))
      : null;
  if (!design.engine)
    return rules.done ? rules.open('futile', `${design.maxPairs} pairs, and the engine is off`) : null;
  const harmed = rules.worse() ?? rules.guardrailBroken();
  if (harmed) return harmed;
  const good =
    design.purpose === 'hold-back'
      ? (rules.better() ?? rules.notWorse())
      : (rules.better() ?? rules.cheaperAndNotWorse() ?? rules.equivalent());
  return good ?? rules.futile();
}

/** The rules on the evidence of all pairs so far. */
class Rules {
  readonly #design: TrialDesign;
  readonly #d: readonly number[];
  readonly #readings: Readings;
  /** log(1 + revertAt), and its mirror image. */
  readonly loss: number;
  readonly done: boolean;

  constructor(design: TrialDesign, d: readonly number[], readings: Readings) {
    this.#design = design;
    this.#d = d;
    this.#readings = readings;
    this.loss = Math.log1p(design.revertAt);
    this.done = d.length >= design.maxPairs;
  }

  evidence(side: Side, delta0: number): number {
    return logEValue(this.#d, delta0, this.#design.sigmaD, side);
  }

  worse(): Ending | null {
    if (!this.#proven('less', this.loss, lossAlpha(this.#design))) return null;
    return {
      verdict: 'worse',
      trigger: 'worse',
      reason: `worse than ${percentText(this.#design.revertAt)} is proven`,
      logE: this.evidence('less', this.loss),
    };
  }

  guardrailBroken(): Ending | null {
    const broken = this.#readings.guardrails().find((one) => one.state === 'broken');
    if (!broken) return null;
    return {
      verdict: 'worse',
      trigger: 'guardrail',
      reason: `${broken.guardrail.text} is broken: ${broken.detail}`,
      logE: this.evidence('less', this.loss),
    };
  }

  better(): Ending | null {
    if (!this.#proven('greater', 0, this.#design.commitAlpha)) return null;
    const reason = `better is proven${this.#design.goal.guardrails.length > 0 ? ' and every guardrail holds' : ''}`;
    return this.#kept({ verdict: 'better', trigger: 'better', reason, logE: this.evidence('greater', 0) });
  }

  /** Cheaper and better is no reason to wait until it is only equivalent: one side is enough. */
  cheaperAndNotWorse(): Ending | null {
    if (!this.#design.cheaper || !this.#proven('greater', this.loss, this.#design.commitAlpha)) return null;
    const reason = `not worse than ${percentText(this.#design.revertAt)} is proven, and the candidate is cheaper`;
    return this.#kept({
      verdict: 'equivalent',
      trigger: 'equivalent-and-cheaper',
      reason,
      logE: this.evidence('greater', this.loss),
    });
  }

  notWorse(): Ending | null {
    if (!this.#proven('greater', this.loss, this.#design.commitAlpha)) return null;
    const reason = `not worse than ${percentText(this.#design.revertAt)} is proven again`;
    return this.#kept({
      verdict: 'equivalent',
      trigger: 'equivalent',
      reason,
      logE: this.evidence('greater', this.loss),
    });
  }

  equivalent(): Ending | null {
    const { alpha, revertAt, cheaper, purpose } = this.#design;
    // A cheaper candidate is wanted as soon as its guardrails hold: they get the pairs left.
    if (cheaper && purpose === 'candidate' && !this.done) return null;
    if (!this.#proven('greater', this.loss, alpha) || !this.#proven('less', -this.loss, alpha)) return null;
    const logE = Math.min(this.evidence('greater', this.loss), this.evidence('less', -this.loss));
    return {
      verdict: 'equivalent',
      trigger: 'equivalent',
      reason: `within ± ${percentText(revertAt).slice(1)} is proven: no difference worth having`,
      logE,
    };
  }

  /** Out of pairs, or nothing that would decide can still be proven in those left. */
  futile(): Ending | null {
    const { maxPairs, sigmaD, commitAlpha, alpha, cheaper, purpose } = this.#design;
    const left = maxPairs - this.#d.length;
    if (left <= 0) return this.out('futile', `${maxPairs} pairs decided nothing`);
    if (this.#d.length < futileFrom || this.#proven('greater', 0, commitAlpha)) return null;
    const hopeless = (side: Side, delta0: number, level: number) =>
      isHopeless(this.#d, delta0, sigmaD, side, level, left);
    if (!hopeless('less', this.loss, lossAlpha(this.#design)) || !hopeless('greater', 0, commitAlpha)) return null;
    if ((cheaper || purpose === 'hold-back') && !hopeless('greater', this.loss, commitAlpha)) return null;
    // Equivalence without a saving changes nothing: worth the pairs left only if both sides are near.
    if (!hopeless('greater', this.loss, alpha) && !hopeless('less', -this.loss, alpha)) return null;
    return this.open('futile', `nothing can still be proven in the ${left} pairs left`);
  }

  /** Nothing is left to decide it with; where only guardrails are open, that is the reason. */
  out(trigger: Trigger, otherwise: string): Ending {
    const undecided = this.#readings.guardrails().filter((one) => one.state !== 'holds');
    if (undecided.length === 0 || !this.#proven('greater', 0, this.#design.commitAlpha))
      return this.open(trigger, otherwise);
    const names = undecided.map((one) => `${one.guardrail.text} (${one.detail})`).join(', ');
    return this.open(trigger, `better is proven, but not yet that ${names}`);
  }

  /** No verdict. */
  open(trigger: Trigger, reason: string): Ending {
    return { verdict: 'inconclusive', trigger, reason, logE: this.evidence('greater', 0) };
  }

  /** A commit needs every guardrail and every check; a guardrail may still come to hold. */
  #kept(ending: Ending): Ending | null {
    if (this.#readings.guardrails().some((one) => one.state !== 'holds')) return null;
    const failed = this.#readings.checks().find((one) => !one.passed);
    return failed
      ? this.open('check failed', `${ending.reason}, but the check '${failed.name}' failed: ${failed.detail}`)
      : ending;
  }

  #proven(side: Side, delta0: number, alpha: number): boolean {
    return isProven(this.#d, delta0, this.#design.sigmaD, side, alpha);
  }
}
