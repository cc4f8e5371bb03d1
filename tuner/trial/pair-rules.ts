/**
 * The rules by which pairs come to a verdict. They are the same for windows of one executor and for
 * figures of two processes.
 *
 *   d of each pair ── worse ▸ guardrail ▸ better ▸ not worse | equivalent ▸ futile ──▶ ending, or go on
 *
 * `worse` is asked before `better`, because a loss must not wait. What else ends a trial depends on its
 * question:
 *   better     a proven equivalence, or one that saves
 *   not-worse  ends as soon as the candidate is proven not worse than `revertAt`
 *   noise      runs exactly maxPairs pairs, so that its interval is of a size fixed beforehand
 */
import type { Interval, Verdict } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { Check, TrialDesign, Trigger } from '../entries/entries.ts';
import { fewestPairs, interval, isProven, logEValue, type Side, unboundedHigh } from './e-value.ts';
import type { UntoldReading } from './guardrails.ts';
import { reachableAlpha } from './noise.ts';
import type { Dropped } from './pair-up.ts';
import { isHopeless } from './plan.ts';

/** What is fixed before the first pair, wherever the numbers come from. */
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

/** What may forbid a commit; each is computed only when a rule asks for it. */
export interface Vetoes {
  readonly guardrails: () => readonly UntoldReading[];
  readonly checks: () => readonly Check[];
}

/** Figures of two processes have no guardrails and no checks. */
const noVetoes: Vetoes = { guardrails: () => [], checks: () => [] };

/** A trial ends for want of data after this many unusable pairs in a row, or where more than this share of them were. */
const droppedEndInARow = 3;
const droppedShare = 0.25;
/** No trial is given up as futile before this many pairs, so that a harm has time to show. */
const futileFrom = 12;

/** The rules on the evidence of all pairs so far. */
export class PairRules {
  readonly #design: PairDesign;
  readonly #d: readonly number[];
  readonly #vetoes: Vetoes;
  /** log(1 + revertAt). */
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

  /** The ending that the pairs so far prove; null: more pairs are needed. */
  answer(question: Question): Conclusion | null {
    if (question === 'noise') {
      if (!this.done) return null;
      return (
        this.#equivalent(question) ??
        this.inconclusive('futile', 'one setting against itself: the noise follows from the spread of its pairs')
      );
    }
    return (
      this.#worse() ??
      this.#guardrailBroken() ??
      this.#better(question) ??
      (question === 'not-worse'
        ? this.#notWorse(question)
        : (this.#cheaperAndNotWorse(question) ?? this.#equivalent(question))) ??
      this.#futile(question)
    );
  }

  /** The ending of a trial in which too many pairs could not be used. */
  tooManyDropped({ droppedCount, droppedInARow }: Dropped): Conclusion | null {
    const most = Math.max(droppedEndInARow, droppedShare * (this.#d.length + droppedCount));
    if (droppedInARow < droppedEndInARow && droppedCount <= most) return null;
    return this.inconclusive('no data', `${droppedCount} pairs could not be used: no calls, too few, or a knob moved`);
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
    const all = this.#vetoes.guardrails().filter((one) => one.state === 'broken');
    const broken = all.find((one) => !one.byBoth) ?? all[0];
    if (!broken) return null;
    return {
      ...(broken.byBoth
        ? { verdict: 'inconclusive', trigger: 'limit broken by both' }
        : { verdict: 'worse', trigger: 'guardrail' }),
      reason: `${broken.guardrail.text} is broken: ${broken.detail()}`,
      logE: this.evidence('less', this.loss),
    };
  }

  #better(question: Question): Conclusion | null {
    if (!this.#proven('greater', 0, this.#design.commitAlpha)) return null;
    const guarded = question === 'better' && this.#vetoes.guardrails().length > 0;
    const reason = `better is proven${guarded ? ' and every guardrail holds' : ''}`;
    return this.#ifAllowed(
      { verdict: 'better', trigger: 'better', reason, logE: this.evidence('greater', 0) },
      question,
    );
  }

  /** A cheaper candidate is kept once it is proven not worse; that it is not better either need not be proven. */
  #cheaperAndNotWorse(question: Question): Conclusion | null {
    if (!this.#design.cheaper || !this.#proven('greater', this.loss, this.#design.commitAlpha)) return null;
    const reason = `not worse than ${percentText(this.#design.revertAt)} is proven, and the candidate is cheaper`;
    return this.#ifAllowed(
      {
        verdict: 'equivalent',
        trigger: 'equivalent-and-cheaper',
        reason,
        logE: this.evidence('greater', this.loss),
      },
      question,
    );
  }

  #notWorse(question: Question): Conclusion | null {
    if (!this.#proven('greater', this.loss, this.#design.commitAlpha)) return null;
    const reason = `not worse than ${percentText(this.#design.revertAt)} is proven`;
    return this.#ifAllowed(
      {
        verdict: 'equivalent',
        trigger: 'equivalent',
        reason,
        logE: this.evidence('greater', this.loss),
      },
      question,
    );
  }

  #equivalent(question: Question): Conclusion | null {
    const { alpha, revertAt, cheaper } = this.#design;
    // A cheaper candidate is kept as soon as its guardrails hold, so they get all remaining pairs to be proven.
    if (cheaper && question === 'better' && !this.done) return null;
    if (!this.#proven('greater', this.loss, alpha) || !this.#proven('less', -this.loss, alpha)) return null;
    const logE = Math.min(this.evidence('greater', this.loss), this.evidence('less', -this.loss));
    return {
      verdict: 'equivalent',
      trigger: 'equivalent',
      reason: `between ${percentText(revertAt)} and ${percentText(Math.expm1(-this.loss))} is proven: no difference worth having`,
      logE,
    };
  }

  /** The ending of a trial that is out of pairs, or can prove nothing more in the remaining ones. */
  #futile(question: Question): Conclusion | null {
    const { maxPairs, sigmaD, commitAlpha, alpha, cheaper } = this.#design;
    const remaining = maxPairs - this.#d.length;
    if (remaining <= 0) return this.exhausted('futile', `${maxPairs} pairs`);
    if (this.#d.length < futileFrom || this.#proven('greater', 0, commitAlpha)) return null;
    const hopeless = (side: Side, delta0: number, level: number) =>
      isHopeless(this.#d, delta0, sigmaD, side, level, remaining);
    if (!hopeless('less', this.loss, this.#design.lossAlpha) || !hopeless('greater', 0, commitAlpha)) return null;
    if ((cheaper || question === 'not-worse') && !hopeless('greater', this.loss, commitAlpha)) return null;
    // A proof of equivalence changes nothing where nothing is saved, so the trial goes on for it only if
    // both of its sides can still be proven.
    if (!hopeless('greater', this.loss, alpha) && !hopeless('less', -this.loss, alpha)) return null;
    return this.inconclusive('futile', `nothing more can be proven in the ${remaining} pairs left: ${this.#open()}`);
  }

  /**
   * The ending of a trial that is out of pairs or time; where better is proven, the open guardrails are the reason.
   * @param spent what there is no more of: '20 s', '60 pairs'
   */
  exhausted(trigger: Trigger, spent: string): Conclusion {
    const undecided = this.#vetoes.guardrails().filter((one) => one.state !== 'holds');
    if (undecided.length === 0 || !this.#proven('greater', 0, this.#design.commitAlpha))
      return this.inconclusive(trigger, `${spent} were not enough: ${this.#open()}`);
    const names = undecided.map((one) => `${one.guardrail.text} (${one.detail()})`).join(', ');
    return this.inconclusive(trigger, `better is proven, but not yet that ${names}`);
  }

  /** What the pairs leave open. A loss may be plain to see and smaller than the one to be proven, or of too few pairs. */
  #open(): string {
    const { commitAlpha, lossAlpha, revertAt } = this.#design;
    const fewest = fewestPairs(Math.max(commitAlpha, lossAlpha));
    if (this.#d.length < fewest) return `they brought ${this.#d.length} of the ${fewest} pairs that any proof takes`;
    return this.#proven('less', 0, lossAlpha)
      ? `a loss is proven, but not one beyond ${percentText(revertAt)}`
      : `neither a gain nor a loss beyond ${percentText(revertAt)} is proven`;
  }

  /** An ending without a verdict. */
  inconclusive(trigger: Trigger, reason: string): Conclusion {
    return { verdict: 'inconclusive', trigger, reason, logE: this.evidence('greater', 0) };
  }

  /**
   * `ending`, if every guardrail holds and every check passes. null: a guardrail is still open, so the trial goes on.
   * A hold-back need not prove again what its trial has proven: there all calls of both are asked (all-calls.ts).
   */
  #ifAllowed(ending: Conclusion, question: Question): Conclusion | null {
    if (question !== 'not-worse' && this.#vetoes.guardrails().some((one) => one.state !== 'holds')) return null;
    const failed = this.#vetoes.checks().find((one) => !one.passed);
    return failed
      ? this.inconclusive('check failed', `${ending.reason}, but the check '${failed.name}' failed: ${failed.detail}`)
      : ending;
  }

  #proven(side: Side, delta0: number, alpha: number): boolean {
    return isProven(this.#d, delta0, this.#design.sigmaD, side, alpha);
  }
}

/**
 * The effect with its interval at the design's α. Where the question is the noise and so few pairs
 * exclude nothing at that level, it has the strictest level at which the interval has two ends.
 */
export function effectOf(
  question: Question,
  { sigmaD, alpha }: Pick<PairDesign, 'sigmaD' | 'alpha'>,
  d: readonly number[],
): Interval {
  const asked = interval(d, sigmaD, alpha);
  if (question !== 'noise' || asked.high < unboundedHigh || d.length < 2) return asked;
  return interval(d, sigmaD, reachableAlpha(alpha, d.length));
}
