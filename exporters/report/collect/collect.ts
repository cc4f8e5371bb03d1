/**
 * The whole way from a session to what a report says:
 *
 *   session, its windows ─▶ trials, points, gain, latency, validity ─▶ verdict ─▶ ReportData
 *
 * Pure: the same entries give the same data. What has a row for each trial is made when somebody reads it: a
 * session of a long-lived service has a thousand of them, and a tuner's host waits for its report.
 */
import type { Settings } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { sameSettings, startOf } from '../../../tuner/entries/settings.ts';
import {
  awaitingAnswer,
  type KeptSession,
  pendingCommit,
  recommendedTrials,
  type SessionHistory,
  type SessionWindows,
} from '../../../tuner/history.ts';
import type { Replay } from '../../../tuner/replay.ts';
import { bounded } from '../../words/bounds.ts';
import type { Faults } from '../../words/faults.ts';
import { objectiveText } from '../../words/metric.ts';
import type { Runner } from '../../words/open-session.ts';
import {
  type AccountingData,
  type BaselineData,
  type DamageData,
  type KnobData,
  type NoiseData,
  type ReportData,
  reportSchemaVersion,
  type SessionData,
} from '../data.ts';
import { brokenIn } from './alarm.ts';
import { figuresOf } from './figures.ts';
import { gainOf, settingsAfter } from './gain.ts';
import { latencyData, sidesOf, stagesOf, throughputData } from './latency.ts';
import { judgedKnobs } from './no-change.ts';
import { noiseOf } from './noise.ts';
import { emptyVerdict } from './not-judged.ts';
import { notTriedOf } from './not-tried.ts';
import { pointData } from './points.ts';
import { asRecommendation, refusedIn } from './refused.ts';
import { predictionsOf, revertedOf, revertsOf, trialsOf } from './trials.ts';
import { durationOf, reproduceOf, validityOf } from './validity.ts';
import { suggestionOf, verdictOf } from './verdict.ts';

/** Which session a report is of, and what stands above it. */
export interface ReportOptions {
  /** Number of the session. @defaultValue the last one */
  readonly session?: number;
  /** Heading. @defaultValue the executor's name */
  readonly title?: string;
  /** What `replay(ledger, session)` found, to be shown. */
  readonly replay?: Replay;
}

/** What is known of a session beside its entries. */
export interface Known {
  /** What a comparison of the rows with their digests showed; null when none was made. */
  readonly found?: Faults | null;
  /** True of the session that a tuner runs here and now. */
  readonly live?: boolean;
  /** Who runs a session without a recorded end; null when that is not known. */
  readonly runner?: Runner | null;
}

export function collect(
  { history: session, windows, unreadable }: KeptSession,
  options: Omit<ReportOptions, 'session'> = {},
  { found = null, live = false, runner = null }: Known = {},
): ReportData {
  const damage: DamageData = { unreadable, checked: found !== null, ...(found ?? { faults: [], faultCount: 0 }) };
  if (session === null) return nothing(options.title ?? 'sandtune', damage);
  const start = startOf(session.entry);
  const chain = recommendedTrials(session);
  const awaited = awaitingAnswer(session);
  const pending = awaited ? null : pendingCommit(session);
  const suggestion = chain.length === 0 ? suggestionOf(session) : null;
  const chosen = suggestion ? { ...start, ...suggestion.settings } : settingsAfter(start, chain);
  const gain = gainOf(session, start, chain);
  const noise = noiseOf(session);
  const refused = refusedIn(session, windows, chosen);
  const sides = sidesOf(session, windows, start, chain);
  const latency = latencyData(sides);
  const throughput = throughputData(sides);
  const brokenNow = brokenIn(session, windows);
  const reverted = revertedOf(session);
  const accounting = accountingOf(session);
  const measuring = measuringOf(session);
  const { goal } = session.entry;
  const asked = awaited !== null;
  const { verdict, claims } = verdictOf({
    session,
    windows,
    start,
    chosen,
    chain,
    asked,
    pending,
    gain,
    noise,
    refused,
    brokenNow,
    live,
    runner,
  });
  const figures = figuresOf({
    session,
    windows,
    noise,
    gain,
    latency,
    throughput,
    reverted,
    accounting,
    measuring,
    step: sides.step,
    holdBack: sides.holdBack,
  });
  const trials = onceRead(() => trialsOf(session, windows));
  const points = onceRead(() => pointData(session, windows));
  const reverts = onceRead(() => revertsOf(session));
  const predictions = onceRead(() => predictionsOf(session));
  return {
    schemaVersion: reportSchemaVersion,
    title: options.title ?? session.entry.executor,
    verdict,
    figures,
    claims: [...claims, ...figures.map(({ kind, text, values, entries }) => ({ kind, text, values, entries }))],
    brokenNow,
    session: sessionOf(session, windows),
    objective: {
      goal,
      metric: goal.objective.metric,
      direction: goal.objective.direction,
      words: objectiveText(goal),
      guardrails: goal.guardrails.map((one) => one.text),
    },
    settings: { start, chosen, knobs: knobsOf(session, start, chosen), patches: patchesOf(session, start, chosen) },
    gain,
    baseline: baselineOf(session),
    noise: noise && noiseData(noise),
    get trials() {
      return trials();
    },
    get points() {
      return points();
    },
    get reverts() {
      return reverts();
    },
    callsAffectedByReverts: reverted.calls,
    latency,
    throughput,
    stages: stagesOf(sides),
    get predictions() {
      return predictions();
    },
    recommendations: [
      ...(refused ? [asRecommendation(refused)] : []),
      ...session.recommendations.map(({ priority, settings, reason, evidence, predicted }) => ({
        priority,
        settings,
        reason,
        evidence,
        predicted: predicted?.gain ?? null,
      })),
    ],
    notTried: notTriedOf(session),
    validity: validityOf(session, windows, { live, runner }),
    measuring,
    accounting,
    reproduce: reproduceOf(session, options.replay),
    damage,
    notes: session.notes.map(({ code, title, text }) => ({ code, title, text })),
  };
}

function onceRead<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function nothing(title: string, damage: DamageData): ReportData {
  return {
    schemaVersion: reportSchemaVersion,
    title,
    verdict: emptyVerdict(damage.unreadable).verdict,
    figures: [],
    claims: [],
    brokenNow: [],
    session: null,
    objective: null,
    gain: null,
    baseline: null,
    noise: null,
    measuring: null,
    accounting: null,
    reproduce: null,
    damage,
    settings: { start: {}, chosen: {}, knobs: [], patches: [] },
    trials: [],
    points: [],
    reverts: [],
    callsAffectedByReverts: 0,
    predictions: [],
    recommendations: [],
    notTried: [],
    validity: [],
    notes: [],
    latency: { start: null, chosen: null, from: 'nothing was measured', functions: [] },
    throughput: { start: null, chosen: null, from: 'nothing was measured' },
    stages: { start: null, chosen: null },
  };
}

function sessionOf(session: SessionHistory, windows: SessionWindows): SessionData {
  const { entry, ended } = session;
  const [baseline] = session.baselines;
  return {
    session: entry.session,
    executor: entry.executor,
    startedAtMs: entry.startedAtMs,
    durationMs: durationOf(session, windows),
    ended,
    mode: entry.options.mode,
    load: baseline?.load ?? entry.load,
    loadSource: baseline?.loadSource ?? (entry.load === null ? null : 'declared'),
    environment: entry.environment,
  };
}

function knobsOf(session: SessionHistory, start: Settings, chosen: Settings): KnobData[] {
  const judged = judgedKnobs(session);
  return session.entry.knobs.map((knob) => ({
    id: knob.id,
    unit: knob.unit ?? null,
    start: valueIn(start, knob.id) ?? null,
    chosen: valueIn(chosen, knob.id) ?? null,
    changed: valueIn(start, knob.id) !== valueIn(chosen, knob.id),
    judged: judged.has(knob.id),
    defaultValue: knob.defaultValue,
    source: knob.source,
    scale: 'scale' in knob.domain ? knob.domain.scale : 'list',
  }));
}

/** The last edits recorded for exactly the chosen setting, of knobs that change. */
function patchesOf({ patches }: SessionHistory, start: Settings, chosen: Settings): ReportData['settings']['patches'] {
  const remark = patches.findLast((one) => sameSettings({ ...start, ...one.settings }, chosen));
  return sameSettings(start, chosen)
    ? []
    : (remark?.patches ?? []).filter(({ knob }) => valueIn(start, knob) !== valueIn(chosen, knob));
}

function baselineOf({ baselines }: SessionHistory): BaselineData | null {
  const first = baselines.find((one) => one.objective === undefined);
  return first
    ? { settings: first.settings, windows: first.windows, metric: first.metric, sigmaD: first.sigmaD }
    : null;
}

function noiseData({ source, trial, pairs, floor, fullTrial, effect }: NoiseData): NoiseData {
  return { source, trial, pairs, floor, fullTrial, effect };
}

/** With open ends where the engine could not bound them, so that no figure stands for what is not known. */
function measuringOf({ overhead }: SessionHistory): ReportData['measuring'] {
  if (!overhead) return null;
  const { fraction, pairs, how } = overhead;
  const lost = bounded({
    estimate: -fraction.estimate,
    low: -fraction.high,
    high: -fraction.low,
    level: fraction.level,
  });
  const ends = lost && { low: -lost.high, high: lost.low <= -1 ? Infinity : -lost.low };
  return { fraction: { ...fraction, ...(ends ?? { low: -Infinity, high: Infinity }) }, pairs, how };
}

function accountingOf({ accounting }: SessionHistory): AccountingData | null {
  if (!accounting) return null;
  const { offered, outcomes, inFlight } = accounting;
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { offered, outcomes, inFlight, difference: offered - settled - inFlight };
}
