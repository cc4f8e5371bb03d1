/** The result as a page of text for a person. */
import type { Settings } from 'sandtune';
import type { DemoResult, TrialLine } from './result.ts';

export function resultText(result: DemoResult): string {
  const { start, chosen, bestOfGrid, gain, calls } = result;
  const settled = calls.offered - calls.inFlight;
  const lines = [
    '',
    `  ${described(start.settings, chosen.settings)}`,
    `  goodput ${perSecond(start.goodput)} → ${perSecond(chosen.goodput)}  (${percent(gain.estimate)}, ${gain.level * 100} % interval ${percent(gain.low)} … ${percent(gain.high)})`,
    `  ${(100 * result.fractionOfBest).toFixed(1)} % of the best of a swept grid, ${described(start.settings, bestOfGrid.settings)}, measured side by side`,
    '',
    `  smaller than ±${(100 * (result.noiseFloor ?? Number.NaN)).toFixed(1)} % is noise here; measuring costs ${costText(result)}`,
    '',
    ...result.trials.map((trial) => `  ${trialText(trial)}`),
    '',
    `  ${result.reverts} taken back, ${calls.offered === 0 ? 0 : result.callsAffectedByReverts} of ${calls.offered} calls ran under a setting that was taken back`,
    ...(result.crash
      ? [
          `  kill -9 inside a trial: the next start stood ${result.crash.onAnchor ? 'on the anchor' : 'NOT on the anchor'}`,
        ]
      : []),
    `  ${result.digests.checked} results checked against OpenSSL and others, ${result.digests.wrong} wrong`,
    `  offered ${calls.offered} = settled ${settled} + in flight ${calls.inFlight}; replay ${result.replayIdentical ? 'identical' : 'DIFFERS'}`,
    '',
    `  report  ${result.report.html}`,
    `          ${result.report.markdown}`,
    `  again   npm start -- --seed ${result.seed}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function trialText(trial: TrialLine): string {
  const predicted = trial.predicted ? `predicted ${percent(trial.predicted.estimate)}, ` : '';
  return `trial ${trial.id}  ${moved(trial).padEnd(28)} ${predicted}measured ${percent(trial.effect.estimate)}: ${trial.decision} (${trial.trigger}) after ${trial.pairs} ${trial.pairs === 1 ? 'pair' : 'pairs'}`;
}

function costText({ measuringOverhead: cost }: DemoResult): string {
  if (!cost) return 'an unknown share';
  const range = `${percent(cost.low)} … ${percent(cost.high)}`;
  return cost.low <= 0 ? `too little to tell from noise (${range})` : `${percent(cost.estimate)} (${range})`;
}

/** 'batchSize 1 → 64' */
function moved({ from, settings }: TrialLine): string {
  return Object.entries(settings)
    .filter(([knob, value]) => from[knob] !== value)
    .map(([knob, value]) => `${knob} ${from[knob]} → ${value}`)
    .join(', ');
}

/** Knobs that differ from the start; 'the start' when none does. */
function described(start: Settings, settings: Settings): string {
  const parts = Object.entries(settings).filter(([knob, value]) => start[knob] !== value);
  return parts.length === 0 ? 'the start' : parts.map(([knob, value]) => `${knob} ${value}`).join(', ');
}

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}

function percent(fraction: number): string {
  return `${fraction > 0 ? '+' : ''}${(100 * fraction).toFixed(1)} %`;
}
