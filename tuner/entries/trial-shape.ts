/** The parts of a trial, as they must come out of a ledger. */
import {
  anyOf,
  isFigure,
  isFlag,
  isNumber,
  isText,
  listOf,
  objectOf,
  oneOf,
  optional,
  orNull,
  type Shape,
} from '../../src/foundation/shape.ts';
import type { OpenGuardrail, OptionChange, PredictionScore, Refused, Sealed } from './entries.ts';
import { goalShape, guardrailShape, intervalShape, settingsShape } from './settings-shape.ts';
import type { Check, GuardrailReading, PairPoint, TrialDesign, TrialResult } from './trial-data.ts';
import { triggers } from './triggers.ts';

export const triggerShape: Shape = (value) => typeof value === 'string' && Object.hasOwn(triggers, value);
export const purposeShape = oneOf('a/a', 'candidate', 'hold-back');
export const loadShape = oneOf('open', 'closed');

export const designShape = objectOf<TrialDesign>({
  seed: isNumber,
  purpose: purposeShape,
  goal: goalShape,
  load: loadShape,
  windowMs: isNumber,
  jitterFraction: isNumber,
  discardMs: isNumber,
  minCompletions: isNumber,
  rampPairs: isNumber,
  sigmaD: isNumber,
  dips: optional(objectOf<NonNullable<TrialDesign['dips']>>({ count: isNumber, of: isNumber })),
  alpha: isNumber,
  commitAlpha: isNumber,
  audit: optional(isFlag),
  overloaded: optional(isFlag),
  perArrival: optional(isFlag),
  stalledBefore: optional(isFlag),
  revertAt: isNumber,
  cheaper: isFlag,
  maxPairs: isNumber,
  rssBeforeBytes: optional(isNumber),
  maxDurationMs: isNumber,
  engine: isFlag,
  breakers: isFlag,
});

export const pairShape = objectOf<PairPoint>({
  index: isNumber,
  order: oneOf('AB', 'BA'),
  baseline: isFigure,
  candidate: isFigure,
  d: isNumber,
  log10Better: isNumber,
  log10Worse: isNumber,
  effect: intervalShape,
});

export const openGuardrailShape = objectOf<OpenGuardrail>({ text: isText, detail: isText });

const readingShape = objectOf<GuardrailReading>({
  guardrail: guardrailShape,
  state: oneOf('holds', 'broken', 'undecided', 'unjudged'),
  baseline: isFigure,
  candidate: isFigure,
  detail: isText,
  judgedMs: optional(isFigure),
  byBoth: optional(isFlag),
});

const checkShape = objectOf<Check>({ name: isText, passed: isFlag, detail: isText });

/** One number for each arm. */
function ofArms(number: Shape): Shape {
  return objectOf<TrialResult['calls']>({ baseline: number, candidate: number });
}

export const resultShape = objectOf<TrialResult>({
  verdict: oneOf('better', 'worse', 'equivalent', 'inconclusive'),
  trigger: triggerShape,
  effect: intervalShape,
  allCalls: optional(orNull(intervalShape)),
  eValue: isFigure,
  reason: isText,
  pairs: isNumber,
  windows: ofArms(isNumber),
  calls: ofArms(isNumber),
  metric: ofArms(isFigure),
  guardrails: listOf(readingShape),
  checks: listOf(checkShape),
});

export const sealedShape = objectOf<Sealed>({
  gain: intervalShape,
  said: optional(intervalShape),
  pGain: isNumber,
  risk: oneOf('low', 'medium', 'high'),
  model: isText,
});

export const refusedShape = objectOf<Refused>({
  from: settingsShape,
  predicted: sealedShape,
  allow: orNull(listOf(objectOf<OptionChange>({ option: isText, value: anyOf(isNumber, isText) }))),
});

export const scoreFields = {
  model: isText,
  pGain: isNumber,
  gained: isFlag,
  covered: isFlag,
  z: optional(isNumber),
  atMs: isNumber,
};

export const scoreShape = objectOf<PredictionScore>(scoreFields);
