/** The values of a claim that are read from windows. */
import type { Window } from '../../../src/contracts.ts';
import { countAtOrBelow, meanMs, mergeDistributions, quantileMs } from '../../../src/measure/distribution.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { guardedValue, latencyOf, secondsOf } from '../../../tuner/trial/metric.ts';
import type { LedgerFacts } from './ledger-facts.ts';
import type { Recompute } from './recompute.ts';

/** The windows of the arms of one trial, and of its hold-back where that is cited too; without a trial those at the setting of the start. */
function sides(facts: LedgerFacts, entries: readonly number[]): { start: Window[]; chosen: Window[] | null } {
  const paired = facts.cited(entries, 'trial').map(({ trial }) => facts.pairedWindows(trial));
  if (paired.length > 0)
    return { start: paired.flatMap((one) => one.baseline), chosen: paired.flatMap((one) => one.candidate) };
  if (entries.length > 0) throw new Error('what is cited is no trial');
  const start = facts.windows
    .map((one) => one.window)
    .filter((one) => one.steady && sameSettings(one.settings, facts.start()));
  return { start, chosen: null };
}

function ofSides(of: (windows: readonly Window[]) => number | null): Recompute {
  return (facts, { entries, values }) => {
    const { start, chosen } = sides(facts, entries);
    const [before, after] = [of(start), chosen && of(chosen)];
    return {
      ...('start' in values && { start: before ?? Number.NaN }),
      ...('chosen' in values && { chosen: after ?? Number.NaN }),
    };
  };
}

/** Of the pairs of a trial the mean of their windows, of all windows their calls by their time. */
export const throughput: Recompute = (facts, claim) =>
  ofSides(
    claim.entries.length > 0 ? meanOf((one) => one.outcomes.ok / secondsOf(one)) : rateOf((one) => one.outcomes.ok),
  )(facts, claim);

/** The metric over the windows that the throughput beside it is of. */
export const metricAtStart: Recompute = (facts, claim) => {
  const { objective } = facts.session.goal;
  const of = {
    goodput: rateOf((one) => (objective.metric === 'goodput' ? countAtOrBelow(one.latency, objective.sloMs) : 0)),
    throughput: rateOf((one) => one.outcomes.ok),
    mean: (windows: readonly Window[]) => meanMs(latencyOf(windows)),
    cpu: (windows: readonly Window[]) => sum(windows, (one) => one.cpuMs) / sum(windows, (one) => one.outcomes.ok),
  }[objective.metric];
  return ofSides(of)(facts, claim);
};

function rateOf(calls: (window: Window) => number): (windows: readonly Window[]) => number {
  return (windows) => sum(windows, calls) / sum(windows, secondsOf);
}

function meanOf(value: (window: Window) => number): (windows: readonly Window[]) => number {
  return (windows) => sum(windows, value) / windows.length;
}

function sum(windows: readonly Window[], of: (window: Window) => number): number {
  return windows.reduce((total, window) => total + of(window), 0);
}

export const latency = ofSides((windows) => {
  const cameBack = mergeDistributions(windows.map((one) => one.latency));
  return Math.max(quantileMs(latencyOf(windows), 0.99), cameBack.count > 0 ? quantileMs(cameBack, 0.99) : 0);
});

export const alarm: Recompute = (facts, { values }) => {
  const settings = facts.inForce();
  const here = facts.windows
    .map((one) => one.window)
    .filter((one) => one.steady && sameSettings(one.settings, settings));
  for (let from = here.length - 2; from >= 0; from--) {
    const windows = here.slice(from);
    const broken = facts.guardrails().flatMap((one) => {
      const now = guardedValue(one.metric, windows);
      return one.kind === 'absolute' && now && one.metric in values && now.value > one.limit
        ? [{ ...one, ...now }]
        : [];
    });
    const [first] = broken;
    if (first && Math.abs(first.count - (values['calls'] ?? 0)) < 0.5)
      return { ...Object.fromEntries(broken.map((one) => [one.metric, one.value])), calls: first.count };
  }
  throw new Error('no newest windows at the setting in force say so');
};

export const crowded: Recompute = (facts, { values }) => {
  const settings = facts.inForce();
  const { cores } = facts.session.environment;
  const here = facts.windows.map((one) => one.window).filter((one) => sameSettings(one.settings, settings));
  for (let from = here.length - 2; from >= 0; from--) {
    const windows = here.slice(from);
    const had =
      sum(windows, (one) => one.cpuMs + (one.idleCpuMs ?? 0)) / sum(windows, (one) => one.endMs - one.startMs);
    if (Math.abs(had - (values['had'] ?? 0)) < 1e-9) return { had, cores };
  }
  throw new Error('no newest windows at the setting in force say so');
};
