/** Settings and what is known of knobs, as they must come out of a ledger. */
import type {
  Goal,
  Guardrail,
  Interval,
  KnobSpec,
  NumericRange,
  Objective,
  OptionSetting,
} from '../../src/contracts.ts';
import {
  anyOf,
  isFigure,
  isFlag,
  isNumber,
  isObject,
  isText,
  listOf,
  objectOf,
  oneOf,
  optional,
  recordOf,
  type Shape,
} from '../../src/foundation/shape.ts';

export const settingValueShape = anyOf(isNumber, isText, isFlag);
export const settingsShape = recordOf(settingValueShape);

/** The ends of an interval may be infinite, which JSON writes as null. */
export const intervalShape = objectOf<Interval>({
  estimate: isFigure,
  low: isFigure,
  high: isFigure,
  level: isNumber,
});

export const optionsShape = listOf(
  objectOf<OptionSetting>({
    of: isText,
    argument: oneOf('first', 'second', 'constructed'),
    path: listOf(isText),
    value: settingValueShape,
  }),
);

const moveShape = oneOf('live', 'gate', 'swap', 'restart');

export const knobShape = objectOf<KnobSpec>({
  id: isText,
  unit: optional(isText),
  domain: anyOf(
    listOf(settingValueShape),
    objectOf<NumericRange>({ min: isNumber, max: isNumber, scale: oneOf('linear', 'log'), integer: isFlag }),
  ),
  interference: oneOf('call', 'executor'),
  moves: objectOf<KnobSpec['moves']>({ up: moveShape, down: moveShape }),
  cost: optional(oneOf('per-unit')),
  actsUnder: optional(settingsShape),
  defaultValue: settingValueShape,
  source: isText,
});

const metricShapes: { readonly [M in Objective['metric']]: Shape } = {
  goodput: objectOf<Extract<Objective, { metric: 'goodput' }>>({
    metric: isText,
    direction: oneOf('maximize'),
    sloMs: isNumber,
  }),
  throughput: objectOf<Extract<Objective, { metric: 'throughput' }>>({ metric: isText, direction: oneOf('maximize') }),
  mean: objectOf<Extract<Objective, { metric: 'mean' }>>({ metric: isText, direction: oneOf('minimize') }),
  cpu: objectOf<Extract<Objective, { metric: 'cpu' }>>({ metric: isText, direction: oneOf('minimize') }),
};

export const objectiveShape: Shape = (value) => {
  const metric = isObject(value) ? value['metric'] : null;
  return typeof metric === 'string' && Object.hasOwn(metricShapes, metric)
    ? metricShapes[metric as Objective['metric']](value)
    : false;
};

const guardedMetric: Shape = (value) => typeof value === 'string' && /^(mean|errors|cpu|rss|p\d+(\.\d+)?)$/.test(value);

const isAbsolute = objectOf<Extract<Guardrail, { kind: 'absolute' }>>({
  kind: oneOf('absolute'),
  metric: guardedMetric,
  limit: isNumber,
  text: isText,
});
const isRelative = objectOf<Extract<Guardrail, { kind: 'relative' }>>({
  kind: oneOf('relative'),
  metric: guardedMetric,
  margin: isNumber,
  text: isText,
  isDefault: optional(oneOf(true)),
  insteadOf: optional(isText),
});
export const guardrailShape = anyOf(isAbsolute, isRelative);

export const goalShape = objectOf<Goal>({ objective: objectiveShape, guardrails: listOf(guardrailShape) });
