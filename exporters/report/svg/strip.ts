/**
 * One trial as it went: every window in the order of time at the height of its metric, candidate
 * windows on a tinted ground, pairs joined below with the coin's order; under it the e-values after
 * each pair, with the lines at which they prove. E-values are stairs: they change with a pair only.
 */
import { durationText } from '../../../src/foundation/units.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { metricName, metricText } from '../../words/metric.ts';
import { countedText } from '../../words/numbers.ts';
import type { ObjectiveData, StripWindow, TrialData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { type Plot, xAxis, yAxis } from './axis.ts';
import { line, picture, rect, stairs, svgText, wideWidth } from './picture.ts';
import { linearScale, type Scale } from './scale.ts';

/** log10 e-values below this are drawn at the edge. */
const lowestLogE = -1.5;

/** Windows drawn of one trial: the last ones, in which it was decided. */
export const drawnWindows = 240;

/** Null when the windows of the trial are not kept any more, or none had a value. */
export function stripPicture(whole: TrialData, objective: ObjectiveData): Markup | null {
  const trial = lastPart(whole);
  const { windows } = trial;
  const values = windows.flatMap((one) => (one.value === null ? [] : [one.value]));
  if (values.length === 0) return null;
  const name = metricName(objective.metric);
  const ends = pairEnds(trial);
  const firstMs = windows[0]?.startMs ?? 0;
  const lastMs = Math.max(...windows.map((one) => one.endMs));
  const title =
    trial.purpose === 'a/a'
      ? `Trial ${trial.trial}: the same setting twice`
      : `Trial ${trial.trial}: ${changesText(trial.baseline, trial.candidate)}`;
  return picture({ id: `strip-${trial.trial}`, title, description: describe(whole, objective, values) }, (width) => {
    const wide = width === wideWidth;
    const left = wide ? 64 : 46;
    const right = wide ? width - 118 : width - 4;
    const top: Plot = { left, right, top: 26, bottom: wide ? 166 : 136 };
    const evidence: Plot = { left, right, top: top.bottom + 52, bottom: top.bottom + (wide ? 152 : 142) };
    const x = linearScale([firstMs, lastMs], [left, right], wide ? 8 : 4);
    const y = linearScale(metricDomain(values), [top.bottom, top.top], 4);
    const logE = linearScale(evidenceDomain(trial), [evidence.bottom, evidence.top], 4);
    const strip = windows.map((one) => windowMarkup(one, x, y, top, objective, wide));
    return {
      height: evidence.bottom + 40,
      body: html`${yAxis(top, y, (tick) => metricText(objective.metric, tick).replace('/s', ''), { name: `${name}${objective.metric === 'goodput' || objective.metric === 'throughput' ? ', calls/s' : ''}` })}${strip}${pairMarks(trial, x, top, wide)}${line(left, top.bottom, right, top.bottom, 'axis')}
${yAxis(evidence, logE, eText, { name: 'e-value after each pair' })}${thresholds(trial, logE, evidence, wide)}
${curves(trial).map(({ logs, className }) => curve(trial, ends, logs, x, logE, className))}
${wide ? endLabels(trial, logE, right) : null}${xAxis(evidence, x, (tick) => durationText(tick), { gap: 60, name: wide ? 'time since the first window' : 'time' })}`,
    };
  });
}

function windowMarkup(
  window: StripWindow,
  x: Scale,
  y: Scale,
  plot: Plot,
  objective: ObjectiveData,
  titled: boolean,
): Markup {
  const [from, to] = [x(window.startMs), x(window.endMs)];
  const role = window.pair === null ? 'not judged (ramp or between pairs)' : `pair ${window.pair + 1}`;
  const value = window.value === null ? 'no value' : metricText(objective.metric, window.value);
  const ground = window.arm === 'candidate' ? rect(from, plot.top, to - from, plot.bottom - plot.top, 'ground') : null;
  const bar =
    window.value === null
      ? null
      : rect(
          from,
          y(window.value) - 2,
          Math.max(2, to - from),
          4,
          `bar ${window.arm}${window.pair === null ? ' ramp' : ''}`,
        );
  // A small screen has no pointer, so the marks have no titles there.
  return titled
    ? html`<g><title>${`${window.arm}, ${role}: ${value}`}</title>${ground}${bar}</g>`
    : html`${ground}${bar}`;
}

function pairMarks(trial: TrialData, x: Scale, plot: Plot, wide: boolean): Markup {
  const y = plot.bottom + 6;
  const marks = trial.pairs.map((pair) => {
    const own = trial.windows.filter((one) => one.pair === pair.index);
    if (own.length === 0) return null;
    const from = x(Math.min(...own.map((one) => one.startMs))) + 1;
    const to = x(Math.max(...own.map((one) => one.endMs))) - 1;
    const label = wide && to - from > 26 ? pair.order : null;
    return html`<path class="bracket" d="M${from} ${y}v4H${to}v-4"/>${label ? svgText((from + to) / 2, y + 17, label, { anchor: 'middle', className: 'small' }) : null}`;
  });
  return html`<g aria-hidden="true">${marks}</g>`;
}

function thresholds(trial: TrialData, y: Scale, plot: Plot, wide: boolean): Markup {
  const prove = y(Math.log10(trial.proveAt));
  const revert = y(Math.log10(trial.revertAtE));
  const apart = Math.abs(prove - revert) > 13;
  const label = (at: number, words: string, className: string, below: boolean) =>
    wide ? null : svgText(plot.left + 4, at + (below ? 12 : -4), words, { className: `small ${className}` });
  return html`${line(plot.left, prove, plot.right, prove, 'threshold kept')}${line(plot.left, revert, plot.right, revert, 'threshold harm')}${label(prove, `keep at ${eText(Math.log10(trial.proveAt))}`, 'kept', prove > revert)}${apart || !wide ? label(revert, `revert at ${eText(Math.log10(trial.revertAtE))}`, 'harm', revert > prove) : null}`;
}

/** Beside the plot: what the lines are, never on top of each other. */
function endLabels(trial: TrialData, y: Scale, right: number): Markup {
  const labels = [
    {
      at: y(Math.log10(trial.proveAt)),
      words: `keep: E ≥ ${eText(Math.log10(trial.proveAt))}`,
      className: 'small kept',
    },
    {
      at: y(Math.log10(trial.revertAtE)),
      words: `revert: E ≥ ${eText(Math.log10(trial.revertAtE))}`,
      className: 'small harm',
    },
  ].sort((a, b) => a.at - b.at);
  const upper = labels[0]?.at ?? 0;
  return html`${labels.map(({ at, words, className }, i) => svgText(right + 8, (i === 0 ? at : Math.max(at, upper + 14)) + 4, words, { className }))}`;
}

/** True where 'not worse' is what the trial had to prove. */
export function asksNotWorse({ verdict, purpose }: TrialData): boolean {
  return verdict === 'equivalent' || purpose === 'hold-back';
}

/** The two lines of evidence; the one for the candidate is drawn last, on top of the one against it. */
function curves(trial: TrialData): { readonly logs: readonly number[]; readonly className: string }[] {
  const better = trial.pairs.map((one) => one.log10Better);
  return [
    { logs: trial.pairs.map((one) => one.log10Worse), className: 'evidence harm' },
    ...(asksNotWorse(trial)
      ? [
          { logs: better, className: 'evidence plain' },
          { logs: trial.log10NotWorse, className: 'evidence kept' },
        ]
      : [{ logs: better, className: 'evidence kept' }]),
  ];
}

function curve(
  trial: TrialData,
  ends: readonly number[],
  logs: readonly number[],
  x: Scale,
  y: Scale,
  className: string,
): Markup {
  const points = logs.map((log, i) => [x(ends[i] ?? 0), y(Math.max(lowestLogE, log))] as const);
  // A line begins at E = 1, where nothing is known; that of a trial drawn in part begins at its first drawn pair.
  const begin = trial.pairs[0]?.index === 0 ? [[x(trial.windows[0]?.startMs ?? 0), y(0)] as const] : [];
  const dots = points.map(([cx, cy]) => html`<circle cx="${cx}" cy="${cy}" r="2.6" class="dot"/>`);
  return html`<g class="${className}">${stairs([...begin, ...points], 'stairs')}${dots}</g>`;
}

function lastPart(trial: TrialData): TrialData {
  if (trial.windows.length <= drawnWindows) return trial;
  const windows = trial.windows.slice(-drawnWindows);
  const first = windows.find((one) => one.pair !== null)?.pair ?? 0;
  // The oldest pair is left out, because only one of its windows may be drawn.
  return {
    ...trial,
    windows,
    pairs: trial.pairs.filter((one) => one.index > first),
    log10NotWorse: trial.log10NotWorse.slice(first + 1),
  };
}

/** When each pair was complete. */
function pairEnds(trial: TrialData): number[] {
  let lastMs = 0;
  return trial.pairs.map((pair) => {
    lastMs = Math.max(lastMs, ...trial.windows.filter((one) => one.pair === pair.index).map((one) => one.endMs));
    return lastMs;
  });
}

/** The value axis begins at zero where that costs little of the height; else it spans the values with some margin. */
function metricDomain(values: readonly number[]): readonly [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low < high * 0.6) return [0, high * 1.06];
  const air = Math.max((high - low) * 0.25, high * 0.01);
  return [Math.max(0, low - air), high + air];
}

function evidenceDomain(trial: TrialData): readonly [number, number] {
  const seen = curves(trial)
    .flatMap((one) => one.logs)
    .filter(Number.isFinite);
  return [lowestLogE, Math.max(Math.log10(trial.revertAtE), Math.log10(trial.proveAt), ...seen) + 0.4];
}

function eText(log10: number): string {
  if (Math.abs(log10) < 1e-9) return '1';
  if (log10 < 0) return (10 ** log10).toPrecision(1);
  return log10 < 5 ? String(Math.round(10 ** log10)) : `10^${Number(log10.toFixed(1))}`;
}

function describe(trial: TrialData, objective: ObjectiveData, values: readonly number[]): string {
  const last = trial.pairs.at(-1);
  const range = `${metricText(objective.metric, Math.min(...values))} to ${metricText(objective.metric, Math.max(...values))}`;
  const evidence = last
    ? ` The e-value for better ends at 10 to the power ${last.log10Better.toFixed(1)}, for worse at ${last.log10Worse.toFixed(1)}.`
    : '';
  return `${countedText(trial.windows.length, 'window')} in order of time, ${range}, in ${countedText(trial.pairs.length, 'pair')} of randomised order.${evidence}`;
}
