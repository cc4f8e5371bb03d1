/**
 * The whole way from a ledger to what a report says:
 *
 *   ledger ─▶ session-log ─▶ chosen, trials, points, latency, validity ─▶ verdict ─▶ ReportData
 *
 * Pure: the same entries give the same data.
 */
import type { Ledger, Settings } from '../../../src/contracts.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { sameSettings, settingsKey } from '../../../tuner/entries/settings.ts';
import type { Replay } from '../../../tuner/replay.ts';
import {
  type AccountingData,
  type BaselineData,
  type KnobData,
  type NoiseData,
  type ReportData,
  reportSchemaVersion,
  type SessionData,
} from '../data.ts';
import { objectiveText } from '../words.ts';
import { awaitingAnswer, settingsAfter, standingCommits, unconfirmedCommit } from './chosen.ts';
import { gainOf } from './gain.ts';
import { latencyOf, sidesOf, stagesOf } from './latency.ts';
import { pointsOf } from './points.ts';
import { readSession, type SessionLog } from './session-log.ts';
import { predictionsOf, rollbacksOf, trialsOf } from './trials.ts';
import { reproduceOf, validityOf } from './validity.ts';
import { emptyVerdict, suggestionOf, verdictOf } from './verdict.ts';

export interface CollectOptions {
  /** Number of the session. @defaultValue the last one */
  readonly session?: number;
  /** Heading. @defaultValue the executor's name */
  readonly title?: string;
  /** What `replay(ledger, session)` found, to be shown. */
  readonly replay?: Replay;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when the ledger has no such session */
export function collect(ledger: Ledger<Entry>, options: CollectOptions = {}): ReportData {
  const log = readSession(ledger, options.session);
  if (log === null) return nothing(options.title ?? 'sandtune');
  const start = log.session.anchor;
  const standing = standingCommits(log);
  const awaited = awaitingAnswer(log);
  const unconfirmed = awaited ? null : unconfirmedCommit(log);
  const reached = awaited ? [...standing, awaited] : standing.length > 0 || !unconfirmed ? standing : [unconfirmed];
  // Steps that lead back to where they began recommend nothing.
  const chain = sameSettings(start, settingsAfter(start, reached)) ? [] : reached;
  const trials = trialsOf(log);
  const rollbacks = rollbacksOf(log);
  const suggestion = chain.length === 0 ? suggestionOf(log, trials) : null;
  const chosen = suggestion ? { ...start, ...suggestion.settings } : settingsAfter(start, chain);
  const gain = gainOf(log, start, chain);
  const noise = noiseOf(log);
  const sides = sidesOf(log, start, chain);
  const { goal } = log.session;
  return {
    schemaVersion: reportSchemaVersion,
    title: options.title ?? log.session.executor,
    verdict: verdictOf({ log, start, chosen, chain, asked: awaited !== null, unconfirmed, gain, noise, trials }),
    session: sessionOf(log),
    objective: {
      goal,
      metric: goal.objective.metric,
      direction: goal.objective.direction,
      words: objectiveText(goal),
      guardrails: goal.guardrails.map((one) => one.text),
    },
    settings: { start, chosen, knobs: knobsOf(log, start, chosen), patches: patchesOf(log, start, chosen) },
    gain,
    baseline: baselineOf(log),
    noise,
    trials,
    points: pointsOf(log),
    rollbacks,
    callsAffectedByRollbacks: rollbacks.reduce((sum, one) => sum + one.callsAffected, 0),
    latency: latencyOf(sides),
    stages: stagesOf(sides),
    predictions: predictionsOf(log),
    recommendations: latest(log.recommendations, (one) => settingsKey(one.settings)).map(
      ({ priority, settings, because, evidence }) => ({ priority, settings, because, evidence }),
    ),
    notTried: latest(log.notTried, (one) => `${one.settings && settingsKey(one.settings)} ${one.code}`).map(
      ({ code, settings, because }) => ({ code, settings, because }),
    ),
    validity: validityOf(log, trials),
    measuring: log.overhead && { fraction: log.overhead.fraction, pairs: log.overhead.pairs, how: log.overhead.how },
    accounting: accountingOf(log),
    reproduce: reproduceOf(log, options.replay),
    notes: log.notes.map(({ code, title, text }) => ({ code, title, text })),
  };
}

function nothing(title: string): ReportData {
  return {
    schemaVersion: reportSchemaVersion,
    title,
    verdict: emptyVerdict,
    session: null,
    objective: null,
    gain: null,
    baseline: null,
    noise: null,
    measuring: null,
    accounting: null,
    reproduce: null,
    settings: { start: {}, chosen: {}, knobs: [], patches: [] },
    trials: [],
    points: [],
    rollbacks: [],
    callsAffectedByRollbacks: 0,
    predictions: [],
    recommendations: [],
    notTried: [],
    validity: [],
    notes: [],
    latency: { start: null, chosen: null, from: 'nothing was measured', functions: [] },
    stages: { start: null, chosen: null },
  };
}

function sessionOf(log: SessionLog): SessionData {
  const { session } = log;
  const [baseline] = log.baselines;
  return {
    session: session.session,
    executor: session.executor,
    startedAtMs: session.startedAtMs,
    durationMs: log.durationMs,
    ended: log.ended,
    mode: session.options.mode,
    load: baseline?.load ?? session.load,
    loadSource: baseline?.loadSource ?? (session.load === null ? null : 'declared'),
    environment: session.environment,
  };
}

function knobsOf(log: SessionLog, start: Settings, chosen: Settings): KnobData[] {
  return log.session.knobs.map((knob) => ({
    id: knob.id,
    unit: knob.unit ?? null,
    start: start[knob.id] ?? null,
    chosen: chosen[knob.id] ?? null,
    changed: start[knob.id] !== chosen[knob.id],
    defaultValue: knob.defaultValue,
    source: knob.source,
    scale: 'scale' in knob.domain ? knob.domain.scale : 'list',
  }));
}

/** One of each key, the last, in the order they first came: what is found again after each rest is one finding. */
function latest<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

/** The last edits recorded for exactly the chosen setting, of knobs that change. */
function patchesOf(log: SessionLog, start: Settings, chosen: Settings): ReportData['settings']['patches'] {
  const remark = log.patches.findLast((one) => sameSettings({ ...start, ...one.settings }, chosen));
  return sameSettings(start, chosen) ? [] : (remark?.patches ?? []).filter(({ knob }) => start[knob] !== chosen[knob]);
}

function baselineOf(log: SessionLog): BaselineData | null {
  const [first] = log.baselines;
  return first
    ? { settings: first.settings, windows: first.windows, metric: first.metric, sigmaD: first.sigmaD }
    : null;
}

function noiseOf({ noise }: SessionLog): NoiseData | null {
  if (!noise) return null;
  const { trial, pairs, floor, fullTrial, effect } = noise;
  return { trial, pairs, floor, fullTrial, effect };
}

function accountingOf({ accounting }: SessionLog): AccountingData | null {
  if (!accounting) return null;
  const { offered, outcomes, inFlight } = accounting;
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { offered, outcomes, inFlight, difference: offered - settled - inFlight };
}
