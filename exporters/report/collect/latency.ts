/**
 * Latency by percentile and stage times, at the start and at the chosen setting. Taken from the
 * windows of the committed trials, where both settings were measured in turns; without a commit
 * from all steady windows at the start.
 */
import type { Settings, Window } from '../../../src/contracts.ts';
import { meanMs, mergeDistributions, quantileMs } from '../../../src/measure/distribution.ts';
import { stageNames } from '../../../src/measure/trace.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { latencyOf as knownLatency } from '../../../tuner/trial/metric.ts';
import type { FunctionData, LatencyData, LatencySide, StagesData, StagesSide } from '../data.ts';
import type { RunLog, SessionLog } from './session-log.ts';

/** Six steps for each further nine, and the round ones; as far as the number of calls carries them. */
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

export interface Sides {
  readonly start: { readonly settings: Settings; readonly windows: readonly Window[] };
  readonly chosen: { readonly settings: Settings; readonly windows: readonly Window[] } | null;
  readonly from: string;
}

/** @param chain the trials that lead from the start to the chosen setting; empty when nothing was chosen */
export function sidesOf(log: SessionLog, start: Settings, chain: readonly RunLog[]): Sides {
  const [first] = chain;
  const last = chain.at(-1);
  if (!first || !last) {
    const windows = log.windows.filter((one) => one.steady && sameSettings(one.settings, start));
    return { start: { settings: start, windows }, chosen: null, from: 'all steady windows at the setting' };
  }
  return {
    start: { settings: start, windows: armOf(first, 'baseline') },
    chosen: { settings: last.trial.candidate, windows: armOf(last, 'candidate') },
    from:
      first === last
        ? `the paired windows of trial ${first.trial.trial}, both settings in turns`
        : `the paired windows of trial ${first.trial.trial} (start) and trial ${last.trial.trial} (chosen): not measured in turns with each other`,
  };
}

function armOf(run: RunLog, arm: 'baseline' | 'candidate'): Window[] {
  return run.windows.filter((one) => one.arm === arm && one.pair !== null).map((one) => one.window);
}

export function latencyOf(sides: Sides): LatencyData {
  return {
    start: latencySide(sides.start),
    chosen: sides.chosen && latencySide(sides.chosen),
    from: sides.from,
    functions: functionsOf(sides),
  };
}

function latencySide({ settings, windows }: { settings: Settings; windows: readonly Window[] }): LatencySide | null {
  // As the trial's guardrails see it: calls that had not come back count as well.
  const merged = knownLatency(windows);
  if (merged.count === 0) return null;
  const shown = percentiles.filter((p) => p === 0 || merged.count * (1 - p) >= callsBeyond);
  return {
    settings,
    calls: merged.count,
    meanMs: meanMs(merged),
    maxMs: merged.maxMs,
    percentiles: shown.map((p) => ({ p, ms: quantileMs(merged, p) })),
  };
}

function functionsOf({ start, chosen }: Sides): FunctionData[] {
  const names = new Set([...start.windows, ...(chosen?.windows ?? [])].flatMap((one) => Object.keys(one.byFunction)));
  return [...names]
    .map((name): FunctionData => {
      const before = countsOf(start.windows, name);
      const after = countsOf(chosen?.windows ?? [], name);
      return {
        name,
        calls: before.calls + after.calls,
        failed: before.failed + after.failed,
        start: before.quantiles,
        chosen: after.quantiles,
      };
    })
    .sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1));
}

function countsOf(
  windows: readonly Window[],
  name: string,
): { calls: number; failed: number; quantiles: FunctionData['start'] } {
  const seen = windows.flatMap((one) => (Object.hasOwn(one.byFunction, name) ? [one.byFunction[name]!] : []));
  const settled = seen.reduce((sum, one) => sum + Object.values(one.outcomes).reduce((a, b) => a + b, 0), 0);
  const ok = seen.reduce((sum, one) => sum + one.outcomes.ok, 0);
  const latency = mergeDistributions(seen.map((one) => one.latency));
  return {
    calls: settled,
    failed: settled - ok,
    quantiles: latency.count === 0 ? null : { p50Ms: quantileMs(latency, 0.5), p99Ms: quantileMs(latency, 0.99) },
  };
}

export function stagesOf(sides: Sides): StagesData {
  return { start: stagesSide(sides.start), chosen: sides.chosen && stagesSide(sides.chosen) };
}

/** Means over the sampled calls of all windows; null when none was sampled. */
function stagesSide({ settings, windows }: { settings: Settings; windows: readonly Window[] }): StagesSide | null {
  const samples = windows.reduce((sum, one) => sum + one.stageSamples, 0);
  if (samples === 0) return null;
  const known: readonly string[] = stageNames;
  const names = [...new Set([...known, ...windows.flatMap((one) => Object.keys(one.stages))])];
  const stages = names
    .filter((name) => windows.some((one) => Object.hasOwn(one.stages, name)))
    .map((name) => ({
      name,
      ms:
        windows.reduce(
          (sum, one) => sum + (Object.hasOwn(one.stages, name) ? (one.stages[name] as number) * one.stageSamples : 0),
          0,
        ) / samples,
    }));
  return { settings, samples, stages };
}
