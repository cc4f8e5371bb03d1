/**
 * What pairs prove, and when enough is proven: the one way from differences to a verdict, whether the
 * numbers came from windows of one executor or from figures of two processes.
 *
 *   d of each pair ── worse ▸ guardrail ▸ better ▸ not worse | equivalent ▸ futile ──▶ ending, or go on
 *
 * Worse comes before better: a loss must never wait. Questions differ in what else ends them:
 *   better     a proven equivalence, or one that saves
 *   not-worse  ends as soon as the candidate is proven not worse than `revertAt`
 *   noise      runs exactly maxPairs pairs, so that its interval is of a size fixed beforehand
 */
import type { Interval, Verdict } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { Check, GuardrailReading, TrialDesign, Trigger } from '../entries/entries.ts';
import { interval, isProven, logEValue, type Side, unboundedHigh } from './e-value.ts';
import { tellingAlpha } from './noise.ts';
import type { Dropped } from './pair-up.ts';
import { isHopeless } from './plan.ts';

/** What a comparison of pairs fixes beforehand, wherever its numbers come from. */
export interface PairDesign
  extends Pick<TrialDesign, 'sigmaD' | 'alpha' | 'commitAlpha' | 'revertAt' | 'cheaper' | 'maxPairs'> {
  /** Level at which a loss is proven: `alpha`, or the share of it that guardrails leave. */
  readonly lossAlpha: number;
}

export type Question = 'better' | 'not-worse' | 'noise';

export interface Conclusion {
  readonly verdict: Verdict;
  readonly trigger: Trigger;
  readonly reason: string;
  /** Natural log of the e-value of the hypothesis the verdict rests on. */
  readonly logE: number;
}

/** What may forbid a good ending; read only where a rule needs it. */
export interface Vetoes {
  readonly guardrails: () => readonly GuardrailReading[];
  readonly checks: () => readonly Check[];
}

/** Plain numbers have neither. */
const noVetoes: Vetoes = { guardrails: () => [], checks: () => [] };

/** Unusable pairs in a row after which there is no data; in all, this share of maxPairs. */
const droppedEndInARow = 3;
const droppedShare = 0.25;
/** Before this many pairs nothing is called futile: a harm must have had time to show. */
const futileFrom = 12;

/** The rules on the evidence of all pairs so far. */
export class PairRules {
  readonly #design: PairDesign;
  readonly #d: readonly number[];
  readonly #vetoes: Vetoes;
  /** log(1 + revertAt), and its mirror image. */
  readonly loss: number;
  readonly done: boolean;

  /** @param d one number a pair that could be used, + is better */
  constructor(design: PairDesign, d: readonly number[], vetoes: Vetoes = noVetoes) {
    this.#design = design;
    this.#d = d;
    this.#vetoes = vetoes;
    this.loss = Math.log1p(design.revertAt);
    this.done = d.length >= design.maxPairs;
  }

  /** The ending the pairs so far call for, or null: go on. */
  answer(question: Question): Conclusion | null {
    if (question === 'noise') {
      if (!this.done) return null;
      return this.#equivalent(question) ?? this.open('futile', 'one setting against itself: the interval is the noise');
    }
    return (
      this.#worse() ??
      this.#guardrailBroken() ??
      this.#better() ??
      (question === 'not-worse' ? this.#notWorse() : (this.#cheaperAndNotWorse() ?? this.#equivalent(question))) ??
      this.#futile(question)
    );
  }

  /** Pairs that cannot be used are no evidence, and too many of them are an ending. */
  tooManyDropped({ droppedCount, droppedInARow }: Dropped): Conclusion | null {
    const most = Math.max(droppedEndInARow, droppedShare * this.#design.maxPairs);
    if (droppedInARow < droppedEndInARow && droppedCount <= most) return null;
    return this.open('no data', `${droppedCount} pairs could not be used: no calls, too few, or a knob moved`);
  }

  evidence(side: Side, delta0: number): number {
    return logEValue(this.#d, delta0, this.#design.sigmaD, side);
  }

  #worse(): Conclusion | null {
    if (!this.#proven('less', this.loss, this.#design.lossAlpha)) return null;
    return {
      verdict: 'worse',
      trigger: 'worse',
      reason: `worse than ${percentText(this.#design.revertAt)} is proven`,
      logE: this.evidence('less', this.loss),
    };
  }

  #guardrailBroken(): Conclusion | null {
    const broken = this.#vetoes.guardrails().find((one) => one.state === 'broken');
    if (!broken) return null;
    return {
      verdict: 'worse',
      trigger: 'guardrail',
      reason: `${broken.guardrail.text} is broken: ${broken.detail}`,
      logE: this.evidence('less', this.loss),
    };
  }

  #better(): Conclusion | null {
    if (!this.#proven('greater', 0, this.#design.commitAlpha)) return null;
    const reason = `better is proven${this.#vetoes.guardrails().length > 0 ? ' and every guardrail holds' : ''}`;
    return this.#kept({ verdict: 'better', trigger: 'better', reason, logE: this.evidence('greater', 0) });
  }

  /** Cheaper and better is no reason to wait until it is only equivalent: one side is enough. */
  #cheaperAndNotWorse(): Conclusion | null {
    if (!this.#design.cheaper || !this.#proven('greater', this.loss, this.#design.commitAlpha)) return null;
    const reason = `not worse than ${percentText(this.#design.revertAt)} is proven, and the candidate is cheaper`;
    return this.#kept({
      verdict: 'equivalent',
      trigger: 'equivalent-and-cheaper',
      reason,
      logE: this.evidence('greater', this.loss),
    });
  }

  #notWorse(): Conclusion | null {
    if (!this.#proven('greater', this.loss, this.#design.commitAlpha)) return null;
    const reason = `not worse than ${percentText(this.#design.revertAt)} is proven`;
    return this.#kept({
      verdict: 'equivalent',
      trigger: 'equivalent',
      reason,
      logE: this.evidence('greater', this.loss),
    });
  }

  #equivalent(question: Question): Conclusion | null {
    const { alpha, revertAt, cheaper } = this.#design;
    // A cheaper candidate is wanted as soon as its guardrails hold: they get the pairs left.
    if (cheaper && question === 'better' && !this.done) return null;
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
  #futile(question: Question): Conclusion | null {
    const { maxPairs, sigmaD, commitAlpha, alpha, cheaper } = this.#design;
    const left = maxPairs - this.#d.length;
    if (left <= 0) return this.out('futile', `${maxPairs} pairs decided nothing`);
    if (this.#d.length < futileFrom || this.#proven('greater', 0, commitAlpha)) return null;
    const hopeless = (side: Side, delta0: number, level: number) =>
      isHopeless(this.#d, delta0, sigmaD, side, level, left);
    if (!hopeless('less', this.loss, this.#design.lossAlpha) || !hopeless('greater', 0, commitAlpha)) return null;
    if ((cheaper || question === 'not-worse') && !hopeless('greater', this.loss, commitAlpha)) return null;
    // Equivalence without a saving changes nothing: worth the pairs left only if both sides are near.
    if (!hopeless('greater', this.loss, alpha) && !hopeless('less', -this.loss, alpha)) return null;
    return this.open('futile', `nothing can still be proven in the ${left} pairs left`);
  }

  /** Nothing is left to decide it with; where only guardrails are open, that is the reason. */
  out(trigger: Trigger, otherwise: string): Conclusion {
    const undecided = this.#vetoes.guardrails().filter((one) => one.state !== 'holds');
    if (undecided.length === 0 || !this.#proven('greater', 0, this.#design.commitAlpha))
      return this.open(trigger, otherwise);
    const names = undecided.map((one) => `${one.guardrail.text} (${one.detail})`).join(', ');
    return this.open(trigger, `better is proven, but not yet that ${names}`);
  }

  /** No verdict. */
  open(trigger: Trigger, reason: string): Conclusion {
    return { verdict: 'inconclusive', trigger, reason, logE: this.evidence('greater', 0) };
  }

  /** A commit needs every guardrail and every check; a guardrail may still come to hold. */
  #kept(ending: Conclusion): Conclusion | null {
    if (this.#vetoes.guardrails().some((one) => one.state !== 'holds')) return null;
    const failed = this.#vetoes.checks().find((one) => !one.passed);
    return failed
      ? this.open('check failed', `${ending.reason}, but the check '${failed.name}' failed: ${failed.detail}`)
      : ending;
  }

  #proven(side: Side, delta0: number, alpha: number): boolean {
    return isProven(this.#d, delta0, this.#design.sigmaD, side, alpha);
  }
}

/**
 * The effect with its interval at the design's α. Of so few pairs of noise that nothing can be excluded
 * at that level, the tightest level that has two ends is shown, and which it is.
 */
export function effectOf(
  question: Question,
  { sigmaD, alpha }: Pick<PairDesign, 'sigmaD' | 'alpha'>,
  d: readonly number[],
): Interval {
  const asked = interval(d, sigmaD, alpha);
  if (question !== 'noise' || asked.high < unboundedHigh || d.length < 2) return asked;
  return interval(d, sigmaD, tellingAlpha(alpha, d.length));
}
