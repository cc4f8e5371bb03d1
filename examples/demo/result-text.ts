/** The result as a page of text for a person, at most 100 columns wide. */
import type { Settings } from 'sandtune';
import { alike } from './grid.ts';
import { knobList } from './knob-list.ts';
import type { DemoResult, TrialLine } from './result.ts';

const pageWidth = 100;
const indent = '  ';
const gap = '  ';
const labelWidth = 10;

export function demoResultText(result: DemoResult): string {
  const { start, chosen, bestOfGrid, gain, calls, crash, fractionOfBest, report } = result;
  const lines = [
    '',
    ...labelled('chosen', described(start.settings, chosen.settings)),
    ...(result.predictedNothing === null ? [] : labelled('predicted', `nothing, because ${result.predictedNothing}`)),
    ...labelled(
      'goodput',
      alike(start.settings, chosen.settings)
        ? perSecond(start.goodput)
        : `${perSecond(start.goodput)} → ${perSecond(chosen.goodput)} (${percent(gain.estimate)}, ${gain.level * 100} % interval ${percent(gain.low)} … ${percent(gain.high)})`,
    ),
    ...labelled(
      'of best',
      `${fractionOfBest === null ? 'an unknown share' : `${(100 * fractionOfBest).toFixed(1)} %`} of the best of a swept grid (${described(start.settings, bestOfGrid.settings)}), measured side by side`,
    ),
    ...labelled(
      'noise',
      `${result.noiseFloor === null ? 'not measured' : `smaller than ${noiseText(result.noiseFloor)} is noise here`}; measuring costs ${costText(result)}`,
    ),
    '',
    ...trialTable(result.trials),
    '',
    ...labelled(
      'reverted',
      `${result.reverts} ${result.reverts === 1 ? 'setting' : 'settings'}; ${whole(result.callsAffectedByReverts)} of ${whole(calls.offered)} calls ran under one`,
    ),
    ...labelled(
      'kill -9',
      `${crash.killedInTrial ? 'inside a trial' : 'outside a trial'}: the next start stood ${crash.onAnchor ? `on the committed ${settingsChanged(crash)}` : 'NOT on the anchor'}`,
    ),
    ...labelled(
      'checked',
      `${whole(result.digests.checked)} results against OpenSSL and others, ${result.digests.wrong} wrong`,
    ),
    ...labelled(
      'calls',
      `offered ${whole(calls.offered)} = settled ${whole(calls.offered - calls.inFlight)} + in flight ${whole(calls.inFlight)}; replay ${result.replayIdentical ? 'identical' : 'DIFFERS'}`,
    ),
    '',
    // Paths and the command stay whole, to be copied.
    line('report', report.html),
    line('', report.markdown),
    line('again', `npm start -- --seed ${result.seed}`),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function trialTable(trials: readonly TrialLine[]): string[] {
  if (trials.length === 0) return labelled('trials', 'none: nothing was worth trying');
  const head = ['#', 'change', 'predicted', 'measured', 'pairs', 'decision'];
  const rows = trials.flatMap((trial) => {
    const [first = 'nothing', ...more] = moved(trial);
    const rest = more.map((part) => ['', part, '', '', '', '']);
    return [
      [
        `${trial.id}`,
        first,
        trial.predicted ? percent(trial.predicted.estimate) : '',
        trial.effect ? percent(trial.effect.estimate) : 'not measured',
        `${trial.pairs}`,
        `${trial.decision} (${trial.trigger})`,
      ],
      ...rest,
    ];
  });
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    `${indent}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(gap)}`.trimEnd(),
  );
}

/** A label and its text, wrapped in a column of its own. */
function labelled(label: string, text: string): string[] {
  const width = pageWidth - indent.length - labelWidth - gap.length;
  const lines: string[] = [];
  // A number stays with its unit.
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((part, index) => line(index === 0 ? label : '', part));
}

function line(label: string, text: string): string {
  return `${indent}${label.padEnd(labelWidth)}${gap}${text}`;
}

function costText({ measuringOverhead: cost }: DemoResult): string {
  // An interval without a bound says nothing of what measuring costs.
  if (!cost || cost.low <= -1_000) return 'an unknown share';
  const range = `${percent(cost.low)} … ${percent(cost.high)}`;
  if (cost.low > 0) return `${percent(cost.estimate)} (${range})`;
  const atMost = `(at most ${percent(Math.max(0, cost.high)).slice(1)})`;
  return cost.high > 0.2 ? `an amount too noisy to say ${atMost}` : `nothing that was seen ${atMost}`;
}

/** 'batchSize 1 → 64', one for each knob that moved. */
function moved({ from, settings }: TrialLine): string[] {
  return Object.entries(settings)
    .filter(([knob, value]) => from[knob] !== value)
    .map(([knob, value]) => `${knob} ${from[knob]} → ${value}`);
}

/** Knobs that differ from the start; 'the start' when none does. */
function described(start: Settings, settings: Settings): string {
  const parts = Object.entries(settings).filter(([knob, value]) => start[knob] !== value);
  return knobList(Object.fromEntries(parts)) || 'the start';
}

/** What makes the anchor of the killed process another one than it was configured with. */
function settingsChanged({ standsOn, configured }: DemoResult['crash']): string {
  const parts = Object.entries(configured).flatMap(([knob, value]) =>
    standsOn[knob] === value ? [] : [`${knob} ${String(standsOn[knob])}, not on the configured ${String(value)}`],
  );
  return parts.join('; ') || 'anchor';
}

function perSecond(value: number): string {
  return `${whole(value)}/s`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Noise as one figure only where the gain and the loss that are equally far from no change are printed alike. */
function noiseText(floor: number): string {
  const [gain, loss] = [percent(floor), percent(1 / (1 + floor) - 1)];
  return gain.slice(1) === loss.slice(1) ? `±${gain.slice(1)}` : `${gain} / ${loss}`;
}

function percent(fraction: number): string {
  const sign = fraction > 0 ? '+' : fraction < 0 ? '−' : '';
  return `${sign}${(100 * Math.abs(fraction)).toFixed(1)} %`;
}
