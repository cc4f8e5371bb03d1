/**
 * Latency by percentile, throughput and stage times, before and after the change. Taken from the paired
 * windows of one committed trial and of its hold-back, where both settings were measured in turns; of several
 * trials from the one with the largest effect, because figures of different times are not compared. Without a
 * commit from all steady windows at the start.
 */
import type { Goal, Settings } from '../../../src/contracts.ts';
import { countAtOrBelow, meanMs, quantileMs } from '../../../src/measure/distribution.ts';
import { settledOf } from '../../../src/measure/outcome-counts.ts';
import { stageNames } from '../../../src/measure/trace.ts';
import type { Arm } from '../../../tuner/entries/entries.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import {
  bothSums,
  type FunctionSums,
  holdBackOf,
  noWindows,
  okPerSecond,
  type SessionHistory,
  type SessionWindows,
  type TrialHistory,
  type WindowSums,
} from '../../../tuner/history.ts';
import { latencyWith } from '../../../tuner/trial/censored.ts';
import type { FunctionData, LatencyData, LatencySide, StagesData, StagesSide, ThroughputData } from '../data.ts';
import { laterPairs } from './gain.ts';

/** Percentiles that may be shown: six steps for each further nine, and the round ones between them. */
const percentiles = [
  ...new Set([
    0,
    0.25,
    0.5,
    0.75,
    0.9,
    0.95,
    0.99,
    0.995,
    0.999,
    0.9995,
    0.9999,
    0.99999,
    ...Array.from({ length: 30 }, (_, i) => Number((1 - 10 ** (-i / 6)).toFixed(7))),
  ]),
].sort((a, b) => a - b);
/** A percentile is shown when at least this many calls lie beyond it. */
const callsBeyond = 10;

interface Side {
  readonly settings: Settings;
  readonly sums: WindowSums;
}

export interface Sides {
  readonly start: Side;
  readonly chosen: Side | null;
  readonly from: string;
  /** The trial whose windows these are; null without one. */
  readonly step: TrialHistory | null;
  /** Its hold-back, whose windows these are as well; null where there are none. */
  readonly holdBack: TrialHistory | null;
}

/** Which windows the figures of the setting at the start are of, where nothing was chosen. */
export const windowsAtStart = 'all steady windows at the setting of the start';

/** @param chain the trials that lead from the start to the chosen setting; empty when nothing was chosen */
export function sidesOf(
  session: SessionHistory,
  windows: SessionWindows,
  start: Settings,
  chain: readonly TrialHistory[],
): Sides {
  const size = ({ result }: TrialHistory) => Math.abs(Math.log1p(result?.effect.estimate ?? 0)) || 0;
  const [step] = chain.toSorted((a, b) => size(b) - size(a));
  if (!step) {
    return {
      start: { settings: start, sums: windows.atStart },
      chosen: null,
      from: windowsAtStart,
      step: null,
      holdBack: null,
    };
  }
  const sumsOf = (trial: TrialHistory) => windows.trials.find((one) => one.trial === trial.trial)?.sums ?? null;
  const [own, tried] = [sumsOf(step), holdBackOf(session, step)];
  const again = tried && laterPairs(step, tried).length > 0 ? sumsOf(tried) : null;
  const side = (arm: Arm) => bothSums(own?.[arm] ?? noWindows, again?.[arm] ?? noWindows);
  const held = again === null ? '' : ' and of its hold-back';
  const largest =
    chain.length > 1 ? `, the largest step of ${chain.length} (${changesText(step.baseline, step.candidate)})` : '';
  return {
    start: { settings: step.baseline, sums: side('baseline') },
    chosen: { settings: step.candidate, sums: side('candidate') },
    from: `the paired windows of trial ${step.trial}${held}${largest}, both settings in turns`,
    step,
    holdBack: again && tried,
  };
}

/** Of pairs the mean of their windows, as the metric of a trial is; of all windows at rest their calls by their time. */
export function throughputData({ start, chosen, from }: Sides): ThroughputData {
  const ofPairs = ({ sums: { okRates, windows } }: Side) => (windows > 0 ? okRates / windows : null);
  return chosen === null
    ? { start: okPerSecond(start.sums), chosen: null, from }
    : { start: ofPairs(start), chosen: ofPairs(chosen), from };
}

/** The metric over the windows at the start, as throughput and latency are; null where they do not tell it. */
export function metricAtStart({ atStart }: Pick<SessionWindows, 'atStart'>, { objective }: Goal): number | null {
  const { latency, unfinished, carried, spanMs, okCalls, cpuMs } = atStart;
  const known = (value: number) => (Number.isFinite(value) ? value : null);
  switch (objective.metric) {
    case 'goodput':
      return spanMs > 0 ? known((1000 * countAtOrBelow(latency, objective.sloMs)) / spanMs) : null;
    case 'throughput':
      return okPerSecond(atStart);
    case 'mean':
      return latency.count > 0 ? known(meanMs(latencyWith(latency, unfinished, carried))) : null;
    case 'cpu':
      return okCalls > 0 && cpuMs > 0 ? known(cpuMs / okCalls) : null;
  }
}

export function latencyData(sides: Sides): LatencyData {
  return {
    start: latencySide(sides.start),
    chosen: sides.chosen && latencySide(sides.chosen),
    from: sides.from,
    functions: functionsOf(sides),
  };
}

function latencySide({ settings, sums }: Side): LatencySide | null {
  // Calls that had not come back count as well, as they do for the trial's guardrails.
  const merged = latencyWith(sums.latency, sums.unfinished, sums.carried);
  if (merged.count === 0) return null;
  const came = (p: number) => (sums.latency.count > 0 ? quantileMs(sums.latency, p) : 0);
  const supported = percentiles.filter((p) => p === 0 || merged.count * (1 - p) >= callsBeyond);
  return {
    settings,
    calls: merged.count,
    meanMs: meanMs(merged),
    maxMs: merged.maxMs,
    // Calls that came back leave out slow ones, never fast ones, so that no percentile is below theirs.
    percentiles: supported.map((p) => ({ p, ms: Math.max(quantileMs(merged, p), came(p)) })),
  };
}

function functionsOf({ start, chosen }: Sides): FunctionData[] {
  const [before, after] = [
    new Map(Object.entries(start.sums.byFunction)),
    new Map(Object.entries(chosen?.sums.byFunction ?? {})),
  ];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name): FunctionData => {
      const [one, other] = [countsOf(before.get(name)), countsOf(after.get(name))];
      return {
        name,
        calls: one.calls + other.calls,
        failed: one.failed + other.failed,
        start: one.quantiles,
        chosen: other.quantiles,
      };
    })
    .sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1));
}

function countsOf(sums: FunctionSums | undefined): { calls: number; failed: number; quantiles: FunctionData['start'] } {
  if (!sums) return { calls: 0, failed: 0, quantiles: null };
  const { outcomes, latency } = sums;
  const calls = settledOf(outcomes);
  return {
    calls,
    failed: calls - outcomes.ok,
    quantiles: latency.count === 0 ? null : { p50Ms: quantileMs(latency, 0.5), p99Ms: quantileMs(latency, 0.99) },
  };
}

/** Without the stages that no call passes here, such as the waking of workers that a function has not. */
export function stagesOf(sides: Sides): StagesData {
  const { stageMs: before } = sides.start.sums;
  const after = sides.chosen?.sums.stageMs ?? {};
  const isPassed = ({ name }: { readonly name: string }) => [before, after].some((ms) => (ms[name] ?? 0) > 0);
  const passed = (side: StagesSide | null) => side && { ...side, stages: side.stages.filter(isPassed) };
  return { start: passed(stagesSide(sides.start)), chosen: sides.chosen && passed(stagesSide(sides.chosen)) };
}

/** Means over the sampled calls of all windows; null when none was sampled. */
function stagesSide({ settings, sums }: Side): StagesSide | null {
  const { stageMs, stageSamples } = sums;
  if (stageSamples === 0) return null;
  const known: readonly string[] = stageNames;
  const names = [...new Set([...known, ...Object.keys(stageMs)])].filter((name) => Object.hasOwn(stageMs, name));
  return {
    settings,
    samples: stageSamples,
    stages: names.map((name) => ({ name, ms: (stageMs[name] as number) / stageSamples })),
  };
}
