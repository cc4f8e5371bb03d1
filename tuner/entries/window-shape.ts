/** What a window from a ledger must have to be counted, drawn and judged. */
import {
  type CacheUse,
  type Distribution,
  type FunctionCounts,
  type Outcome,
  outcomes,
  type Window,
  type Work,
} from '../../src/contracts.ts';
import {
  isFigure,
  isFlag,
  isNumber,
  listOf,
  objectOf,
  optional,
  recordOf,
  type Shape,
} from '../../src/foundation/shape.ts';
import { settingsShape } from './settings-shape.ts';

export const outcomesShape = objectOf<Record<Outcome, number>>(
  Object.fromEntries(outcomes.map((outcome) => [outcome, isNumber])) as Record<Outcome, Shape>,
);

const distributionFields = objectOf<Distribution>({
  count: isNumber,
  sumMs: isFigure,
  minMs: isFigure,
  maxMs: isFigure,
  boundsNs: listOf(isNumber),
  counts: listOf(isNumber),
});

/** Whoever walks along two distributions would never come to an end of bounds that are no numbers, or too few. */
const distributionShape: Shape = (value) =>
  distributionFields(value) && (value as Distribution).boundsNs.length === (value as Distribution).counts.length;

const functionShape = objectOf<FunctionCounts>({
  outcomes: outcomesShape,
  latency: distributionShape,
  wait: distributionShape,
  service: distributionShape,
  start: distributionShape,
});

const workShape = objectOf<Work>({
  batches: isFigure,
  batchedCalls: isFigure,
  batchMs: isFigure,
  executeMs: isFigure,
  workerStarts: isFigure,
  violations: optional(isFigure),
  busyFraction: isFigure,
});

const cacheShape = objectOf<CacheUse>({
  hits: isFigure,
  misses: isFigure,
  rankCounts: listOf(isFigure),
  coldCount: isFigure,
  missMs: isFigure,
});

export const windowShape = objectOf<Window>({
  epoch: isFigure,
  steady: isFlag,
  settings: settingsShape,
  startMs: isNumber,
  endMs: isNumber,
  outcomes: outcomesShape,
  backlogAtStart: isFigure,
  backlogAtEnd: isFigure,
  wait: distributionShape,
  service: distributionShape,
  latency: distributionShape,
  carried: distributionShape,
  unfinished: distributionShape,
  start: distributionShape,
  byFunction: recordOf(functionShape),
  stages: recordOf(isFigure),
  stageSamples: isFigure,
  work: workShape,
  cache: optional(cacheShape),
  offered: isNumber,
  rounds: optional(isFigure),
  freshRounds: optional(isFigure),
  freshGapMs: optional(isFigure),
  freshGapMs2: optional(isFigure),
  freshCycleMs: optional(isFigure),
  freshCycleMs2: optional(isFigure),
  bytesIn: isFigure,
  bytesOut: isFigure,
  peakBytes: isFigure,
  rssBytes: optional(isFigure),
  guestBytes: optional(isFigure),
  cpuMs: isFigure,
  workerCpuMs: isFigure,
  idleCpuMs: optional(isFigure),
  ownWaitMs: optional(isFigure),
});
