/** The shape of a session's own entry, which every start writes first. */
import {
  isFigure,
  isFlag,
  isNumber,
  isText,
  listOf,
  objectOf,
  oneOf,
  optional,
  orNull,
} from '../../src/foundation/shape.ts';
import type { Environment, Recalled, RuledOut, SessionEntry } from '../entries/entries.ts';
import { knownLoadShape } from '../entries/known-load-shape.ts';
import { goalShape, knobShape, settingsShape } from '../entries/settings-shape.ts';
import { loadShape, scoreShape } from '../entries/trial-shape.ts';
import { searchLeftShape } from '../entries/visit-shape.ts';
import { modes, type ResolvedTuneOptions } from '../options.ts';

export const backOffShape = {
  settings: settingsShape,
  failures: isNumber,
  atMs: isNumber,
  untilMs: isNumber,
  left: optional(isFlag),
  stalled: optional(isFlag),
  harmedFrom: optional(settingsShape),
};

const tuneOptionsShape = objectOf<ResolvedTuneOptions>({
  mode: oneOf(...modes),
  revertAt: isNumber,
  fixed: settingsShape,
  persist: isFlag,
  stateDir: isText,
  seed: isNumber,
  maxDurationMs: isNumber,
  alpha: isNumber,
  windowMs: isNumber,
  minCompletions: isNumber,
  baselineWindows: isNumber,
  noisePairs: isNumber,
  noiseFirst: isFlag,
  overheadPairs: isNumber,
  minGain: isNumber,
  minProbability: isNumber,
  holdBackFraction: isNumber,
  restMs: isNumber,
  falseCommitsPerDay: isNumber,
});

export const sessionShape = objectOf<SessionEntry>({
  kind: oneOf('session'),
  schemaVersion: isNumber,
  session: isNumber,
  startedAtMs: isNumber,
  executor: isText,
  seed: isNumber,
  options: tuneOptionsShape,
  goal: goalShape,
  load: orNull(loadShape),
  knobs: listOf(knobShape),
  anchor: settingsShape,
  inForce: optional(settingsShape),
  recalled: objectOf<Recalled>({
    spent: listOf(objectOf<Recalled['spent'][number]>({ atMs: isNumber, alpha: isNumber })),
    scores: listOf(scoreShape),
    ruledOut: listOf(objectOf<RuledOut>(backOffShape)),
    known: listOf(knownLoadShape),
    search: optional(searchLeftShape),
  }),
  environment: objectOf<Environment>({
    sandtune: isText,
    node: isText,
    platform: isText,
    cpuModel: isText,
    cores: isFigure,
    memoryBytes: isFigure,
  }),
  follows: optional(oneOf(true)),
});
