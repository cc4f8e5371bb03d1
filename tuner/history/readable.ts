/**
 * Whether an entry can be read at all: what came out of a damaged row may be anything. Each kind of entry
 * has a row here with the shape of all its fields, by which the compiler holds the table complete. An entry
 * that has another shape is left out, as a row that cannot be parsed is; so is one of an unknown kind.
 */
import type { Patch } from '../../src/contracts.ts';
import {
  isFigure,
  isFlag,
  isNumber,
  isObject,
  isText,
  listOf,
  objectOf,
  oneOf,
  optional,
  orNull,
  type Shape,
} from '../../src/foundation/shape.ts';
import type {
  RecordOf,
  Remark,
  RemarkOf,
  SweepPoint,
  TunerEvent,
  TunerRecord,
  UserProposal,
} from '../entries/entries.ts';
import { knownLoadFields, knownLoadIs, loadSignsShape } from '../entries/known-load-shape.ts';
import {
  intervalShape,
  objectiveShape,
  optionsShape,
  settingsShape,
  settingValueShape,
} from '../entries/settings-shape.ts';
import {
  designShape,
  loadShape,
  openGuardrailShape,
  pairShape,
  purposeShape,
  refusedShape,
  resultShape,
  sealedShape,
  triggerShape,
} from '../entries/trial-shape.ts';
import { visitShape } from '../entries/visit-shape.ts';
import { outcomesShape, windowShape } from '../entries/window-shape.ts';
import { backOffShape, sessionShape } from './session-shape.ts';

/** The fields of one kind of event, record or remark; its `kind` is known. */
type FieldsOf<T extends { readonly kind: string }> = { readonly [K in Exclude<keyof T, 'kind'>]-?: Shape };
type Table<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: FieldsOf<Extract<T, { readonly kind: K }>>;
};

type KnobAt = NonNullable<Extract<TunerEvent, { kind: 'failed' }>['knobs']>[number];

const arm = oneOf('baseline', 'candidate');

const events: Table<TunerEvent> = {
  begin: { atMs: isNumber },
  measured: {
    atMs: isNumber,
    arm,
    window: windowShape,
    discarded: optional(
      objectOf<{ offered: number; outcomes: object }>({ offered: isNumber, outcomes: outcomesShape }),
    ),
    effective: settingsShape,
    cpus: optional(isFigure),
  },
  done: { atMs: isNumber, waitsFor: optional(isText) },
  failed: {
    atMs: isNumber,
    what: oneOf('measure', 'warm', 'settle', 'await'),
    message: isText,
    settings: settingsShape,
    knobs: optional(listOf(objectOf<KnobAt>({ id: isText, value: settingValueShape }))),
  },
  propose: {
    atMs: isNumber,
    proposal: objectOf<UserProposal>({ settings: settingsShape, reason: isText }),
  },
  answer: { atMs: isNumber, trial: isNumber, accept: isFlag },
  anchor: { atMs: isNumber, settings: settingsShape },
  ledger: { atMs: isNumber, writable: isFlag, reason: isText },
  end: { atMs: isNumber, why: oneOf('handed over', 'closed', 'failed'), reason: isText },
  off: { atMs: isNumber, reason: isText },
  stop: { atMs: isNumber, interruptedBy: optional(isText) },
};

const records: Table<TunerRecord> = {
  phase: { phase: isText, reason: isText },
  baseline: {
    settings: settingsShape,
    windows: isNumber,
    metric: intervalShape,
    objective: optional(objectiveShape),
    sigmaD: isFigure,
    load: loadShape,
    loadSource: oneOf('declared', 'inferred'),
  },
  noise: {
    trial: isNumber,
    pairs: isNumber,
    floor: isFigure,
    fullTrial: objectOf<RecordOf<'noise'>['fullTrial']>({ pairs: isNumber, floor: isFigure }),
    effect: intervalShape,
  },
  recommendation: {
    priority: oneOf('high', 'medium', 'low'),
    settings: settingsShape,
    reason: isText,
    evidence: isText,
    predicted: optional(sealedShape),
  },
  'not-tried': { code: isText, settings: orNull(settingsShape), reason: isText, refused: optional(refusedShape) },
  probe: { settings: settingsShape, learns: isText, harmedMs: isNumber, tourBeganAtMs: optional(isNumber) },
  visit: {
    visit: orNull(visitShape),
    undoes: optional(oneOf(true)),
    under: orNull(loadSignsShape),
    owedMs: isNumber,
    atMs: isNumber,
  },
  'visits-void': { atMs: isNumber, reason: isText },
  sealed: {
    trial: isNumber,
    by: oneOf('predictor', 'user', 'audit'),
    from: settingsShape,
    settings: settingsShape,
    predicted: orNull(sealedShape),
    reason: isText,
  },
  trial: {
    trial: isNumber,
    atMs: isNumber,
    purpose: purposeShape,
    baseline: settingsShape,
    candidate: settingsShape,
    design: designShape,
    unjudged: listOf(isText),
  },
  pair: { trial: isNumber, pair: pairShape, waitsFor: listOf(openGuardrailShape) },
  verdict: { trial: isNumber, result: resultShape },
  ask: { trial: isNumber, settings: settingsShape },
  decision: {
    trial: isNumber,
    decision: oneOf('commit', 'revert', 'hold'),
    trigger: triggerShape,
    settings: settingsShape,
    callsAffected: isNumber,
    afterMs: isFigure,
    reason: isText,
    givesBack: optional(isNumber),
  },
  score: {
    trial: isNumber,
    model: isText,
    predicted: intervalShape,
    said: optional(intervalShape),
    measured: intervalShape,
    covered: isFlag,
    brier: isFigure,
    atMs: isNumber,
  },
  intent: { settings: settingsShape, purpose: isText },
  anchor: { settings: settingsShape, reason: isText },
  follow: {
    settings: settingsShape,
    outcome: oneOf('taken', 'left', 'refused'),
    unjudged: listOf(isText),
    reason: isText,
  },
  'back-off': backOffShape,
  'known-load': { is: knownLoadIs, ...knownLoadFields },
  limit: {
    is: oneOf('broken', 'kept'),
    guardrail: isText,
    metric: isText,
    value: isFigure,
    calls: isNumber,
    atMs: isNumber,
  },
  shift: {
    of: oneOf('cpus', 'mix', 'load', 'level', 'latency'),
    from: isFigure,
    to: isFigure,
    windows: isNumber,
    atMs: isNumber,
    reason: isText,
  },
  turn: { waitsFor: orNull(isText), atMs: isNumber, waitedMs: optional(isNumber) },
  'knob-rest': { knob: isText, failures: isNumber, atMs: isNumber, untilMs: isNumber },
};

const patchShape = objectOf<Patch>({
  file: optional(isText),
  line: optional(isNumber),
  endsFile: optional(isFlag),
  before: isText,
  after: isText,
  options: optional(optionsShape),
});

const remarks: Table<Remark> = {
  patch: {
    settings: settingsShape,
    patches: listOf(objectOf<RemarkOf<'patch'>['patches'][number]>({ knob: isText, patch: patchShape })),
  },
  overhead: { fraction: intervalShape, pairs: isNumber, how: isText },
  sweep: {
    title: isText,
    points: listOf(
      objectOf<SweepPoint>({
        settings: settingsShape,
        metric: intervalShape,
        windows: isNumber,
        gain: optional(intervalShape),
      }),
    ),
  },
  accounting: { offered: isNumber, outcomes: outcomesShape, inFlight: isNumber },
  pruned: { windows: isNumber },
  note: { code: isText, title: isText, text: isText },
};

const sinceShape = optional(isNumber);

const shapes: ReadonlyMap<string, Shape> = new Map([
  ...shapesOf('event', events),
  ...shapesOf('record', records),
  ...shapesOf('remark', remarks),
]);

/** True for a value that has the shape of an entry of a known kind; false for one that throws when it is asked. */
export function isReadable(entry: unknown): boolean {
  try {
    return hasShape(entry);
  } catch {
    return false;
  }
}

function hasShape(entry: unknown): boolean {
  if (!isObject(entry) || !isNumber(entry['session'])) return false;
  const { kind } = entry;
  if (kind === 'session') return sessionShape(entry);
  if (kind !== 'event' && kind !== 'record' && kind !== 'remark') return false;
  const body = entry[kind];
  if (!isObject(body) || typeof body['kind'] !== 'string' || !sinceShape(entry['sinceMs'])) return false;
  return shapes.get(`${kind}:${body['kind']}`)?.(body) ?? false;
}

function shapesOf(
  part: string,
  table: Readonly<Record<string, Readonly<Record<string, Shape>>>>,
): readonly (readonly [string, Shape])[] {
  return Object.entries(table).map(([kind, fields]) => [`${part}:${kind}`, objectOf<Record<string, unknown>>(fields)]);
}
