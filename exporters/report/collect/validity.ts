/** What a result holds for, and how to get it again. */
import type { Goal } from '../../../src/contracts.ts';
import { valueSource } from '../../../src/executor/option-text.ts';
import { bytesText, countText, durationText } from '../../../src/foundation/units.ts';
import type { SessionHistory, SessionWindows, TrialHistory } from '../../../tuner/history.ts';
import { mayChange } from '../../../tuner/mode.ts';
import { type ResolvedTuneOptions, tuneDefaults } from '../../../tuner/options.ts';
import type { Replay } from '../../../tuner/replay.ts';
import { loadText } from '../../words/load.ts';
import { metricName } from '../../words/metric.ts';
import { countedText, dateText, levelText, listText, wholeText } from '../../words/numbers.ts';
import { openSessionText, type Runner } from '../../words/open-session.ts';
import { settingsText } from '../../words/settings.ts';
import type { ReproduceData } from '../data.ts';

/** @param running `live`: it is the session that a tuner runs here and now; `runner`: who runs it otherwise */
export function validityOf(
  session: SessionHistory,
  windows: SessionWindows,
  { live, runner }: { readonly live: boolean; readonly runner: Runner | null },
): string[] {
  const { environment, options, startedAtMs } = session.entry;
  const [baseline] = session.baselines;
  const { count, spanMs, okCalls } = windows;
  const unjudged = new Set<string>();
  const failed: string[] = [];
  for (const one of session.trials) {
    for (const guardrail of one.unjudged) unjudged.add(guardrail);
    for (const check of one.result?.checks ?? [])
      if (!check.passed) failed.push(`trial ${one.trial}, ${check.name}: ${check.detail}`);
  }
  const otherwise = session.trials.filter(
    (one) => one.design.goal.objective.metric !== session.entry.goal.objective.metric,
  );
  return [
    `This machine: ${environment.cpuModel}, ${countedText(environment.cores, 'usable CPU')}, ${bytesText(environment.memoryBytes)} of memory, Node ${environment.node} on ${environment.platform}. Absolute figures do not carry over to another.`,
    loadText(baseline?.load ?? session.entry.load, baseline ? baseline.loadSource : 'declared'),
    ...(spanMs > 0
      ? [
          `The mix and rate of calls of ${durationText(durationOf(session, windows))} from ${dateText(startedAtMs)}: ${countedText(count, 'window')}, ${countText((okCalls * 1000) / spanMs)} ok calls/s on average. Another mix or rate needs another look.`,
        ]
      : []),
    ...(session.prunedWindows > 0
      ? [
          `Of the windows of this session the oldest ${wholeText(session.prunedWindows)} were dropped to keep the ledger small: latencies, rates and strips are those of the others, and it cannot be replayed any more.`,
        ]
      : []),
    ...(unjudged.size > 0
      ? [`Not judged, because it could not be in the time allowed: ${[...unjudged].join(', ')}.`]
      : []),
    ...(otherwise.length > 0 ? [comparedOtherwiseText(session, otherwise)] : []),
    ...waitedText(session, live),
    ...followedText(session),
    ...(failed.length > 0 ? [`Checks that did not pass: ${failed.join('; ')}.`] : []),
    // A session that is switched off measures nothing and records no end.
    ...(session.ended === 'open' && options.mode !== 'off'
      ? [
          live
            ? 'The tuner still runs: this is what it knows so far.'
            : runner?.is === 'ending'
              ? 'Written when the program ended: this is all that was measured.'
              : `The session has no recorded end: ${openSessionText(runner)}.${runner?.is !== 'alive' && mayChange(options.mode) ? ' The next start is on its anchor.' : ''}`,
        ]
      : []),
    ...(session.trials.length === 0 ? [] : [riskText(options.alpha)]),
  ];
}

/** 'In trials 1 and 2 throughput decided, because hardly a call kept the limit of goodput: see their design.' */
function comparedOtherwiseText({ entry }: SessionHistory, trials: readonly TrialHistory[]): string {
  const named = [...Map.groupBy(trials, ({ design }) => design.goal.objective.metric)].map(
    ([metric, some]) =>
      `${metricName(metric)} in ${some.length === 1 ? 'trial' : 'trials'} ${listText(some.map(({ trial }) => String(trial)))}`,
  );
  return `Too few calls kept the limit of ${metricName(entry.goal.objective.metric)} for it to tell settings apart, so that they were compared by what leads there: ${listText(named)}.`;
}

/** What it waited for, so that no two trials on one machine measured each other. */
function waitedText({ turns }: SessionHistory, live: boolean): readonly string[] {
  const { waits, waitedMs, waitsFor, sinceMs } = turns;
  if (waitsFor === null) return [];
  const last = `${waits > 1 ? 'the last time ' : ''}${waitsFor} compared settings on this machine`;
  const ended = waitedMs > 0 ? `, ${durationText(waitedMs)} in all` : '';
  const waiting = live ? 'it has waited' : 'at its last record it had waited';
  const goesOn = sinceMs === null ? '' : `; ${waiting} since ${dateText(sinceMs)}`;
  return [`Waited ${countedText(waits, 'time')} for its turn${ended}: ${last}${goesOn}.`];
}

function riskText(alpha: number): string {
  return `A loss is called proven at ${levelText(alpha)} risk of error per trial, whatever the moment of looking.`;
}

/** What became of the newest anchor that another process wrote; nothing in a session that does not follow. */
function followedText({ followed }: SessionHistory): readonly string[] {
  if (!followed) return [];
  const { outcome, settings, reason } = followed;
  const setting = settingsText(settings);
  switch (outcome) {
    case 'taken':
      return [`This process tries nothing itself: it follows the process that tunes, which stands on ${setting}.`];
    case 'left':
      return [`The anchor of the process that tunes, ${setting}, was left for the configured default: ${reason}.`];
    case 'refused':
      return [`The anchor of the process that tunes, ${setting}, is not followed: ${reason}.`];
  }
}

/** From the beginning of the session to its last event, windows included. Milliseconds. */
export function durationOf({ lastMs }: SessionHistory, windows: SessionWindows): number {
  return Math.max(0, lastMs ?? 0, windows.lastMs ?? 0);
}

export function reproduceOf({ entry }: SessionHistory, replay: Replay | undefined): ReproduceData {
  return {
    seed: entry.seed,
    session: entry.session,
    stateDir: entry.options.stateDir,
    call: `tune(executor, ${optionsText(entry.goal, entry.options)})`,
    // Of a session without its first windows nothing was played again, which proves nothing.
    replay:
      replay && replay.sessions > 0
        ? { identical: replay.identical, events: replay.events, records: replay.records, decisions: replay.decisions }
        : null,
  };
}

/** The goal and the options that are not the default, as the object a user would write. */
function optionsText(goal: Goal, options: ResolvedTuneOptions): string {
  const { objective } = goal;
  const { expert: expertDefaults, ...others } = tuneDefaults;
  const defaults: Readonly<Record<string, unknown>> = { ...others, ...expertDefaults };
  const changed = Object.entries(options).filter(
    ([key, value]) => JSON.stringify(defaults[key]) !== JSON.stringify(value),
  );
  const expert = changed.filter(([key]) => key in expertDefaults);
  const wanted: readonly (readonly [string, unknown])[] = [
    [objective.direction, objective.metric],
    ...(objective.metric === 'goodput' ? [['sloMs', objective.sloMs] as const] : []),
    ['subjectTo', goal.guardrails.map((one) => one.text)],
    ...changed.filter(([key]) => !(key in expertDefaults)),
    ...(expert.length > 0 ? [['expert', Object.fromEntries(expert)] as const] : []),
  ];
  return `{\n${wanted.map(([key, value]) => `  ${key}: ${literal(value)},`).join('\n')}\n}`;
}

function literal(value: unknown): string {
  if (typeof value === 'string') return valueSource(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(
    ([key, one]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)}: ${literal(one)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
