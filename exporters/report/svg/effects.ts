/**
 * Every trial on one axis: its interval, the prediction sealed before it, and behind them the noise.
 * The grey band is what a trial of full length cannot tell from none; what lies wholly left of the dashed
 * line is a proven loss. The axis is linear near zero and logarithmic beyond (scale.ts).
 */
import type { Interval } from '../../../src/contracts.ts';
import { asMetricChange, metricName } from '../../words/metric.ts';
import { adjacentAtRest, isBounded, noiseLow, noiseText } from '../../words/noise.ts';
import { changeText, intervalText, rangeText } from '../../words/numbers.ts';
import type { PredictionData, ReportData, TrialData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { outcomeDetail, outcomeWord, toneOf, trialName } from '../trial-words.ts';
import { type Plot, xAxis } from './axis.ts';
import { characterWidth, fitted, line, picture, rect, svgText, wideWidth, wrapped } from './picture.ts';
import { effectScale, type Scale } from './scale.ts';

/** Trials drawn; further ones are in the tables only. */
const mostTrials = 24;

/** Width of the words beside the bars on a wide page, in pixels. */
const labelWidth = 244;
const lineHeight = 16;
/** Lines the name of a trial may take. */
const mostLines = 3;
const firstTop = 26;

interface Row {
  readonly trial: TrialData;
  readonly name: string;
  readonly effect: Interval;
  readonly allCalls: Interval | null;
  readonly predicted: Interval | null;
}

/**
 * Null when no trial has an effect.
 * @param most trials there is room for
 */
export function effectsPicture(data: ReportData, most = mostTrials): Markup | null {
  const { objective } = data;
  const floor = data.noise && isBounded(data.noise.fullTrial.floor) ? data.noise.fullTrial.floor : null;
  const basis = data.noise?.source === 'a/a' ? '' : `, by ${adjacentAtRest}`;
  if (!objective) return null;
  const turn = (effect: Interval) => asMetricChange(effect, objective.direction);
  const rows = data.trials.slice(0, Math.min(most, mostTrials)).flatMap((trial): Row[] =>
    trial.effect && trial.objective.metric === objective.metric
      ? [
          {
            trial,
            name: trialName(trial),
            effect: turn(trial.effect),
            allCalls: trial.allCalls && turn(trial.allCalls),
            predicted: predictedOf(data.predictions, trial, turn),
          },
        ]
      : [],
  );
  if (rows.length === 0) return null;
  const name = metricName(objective.metric);
  const description = `${floor === null ? '' : `Noise is ${noiseText(floor)}${basis}. `}${rows.map((row) => `Trial ${row.trial.trial}, ${row.name}: ${measuredText(row)}.`).join(' ')}`;
  const ends = domainOf(rows, floor ?? 0);
  const lossAt = turn({ estimate: data.trials[0]?.revertAt ?? 0, low: 0, high: 0, level: 1 }).estimate;
  return picture({ id: 'effects', title: `Effect of every trial on ${name}`, description }, (width) => {
    const wide = width === wideWidth;
    const bands = bandsOf(rows, width, wide);
    const plot = {
      left: wide ? labelWidth + 12 : 12,
      right: wide ? width - 150 : width - 12,
      top: firstTop,
      bottom: firstTop + bands.reduce((sum, one) => sum + one.height, 0),
    };
    const scale = effectScale(ends, [plot.left, plot.right]);
    // On a narrow page the words stand above each bar, so the ground is drawn under the bars only.
    const grounds = wide
      ? [[plot.top, plot.bottom] as const]
      : bands.map(({ top, height }) => [top + height - 34, top + height - 6] as const);
    const ground = ([from, to]: readonly [number, number]) =>
      html`${floor === null ? null : rect(scale(noiseLow(floor)), from, scale(floor) - scale(noiseLow(floor)), to - from, 'noise')}${line(scale(0), from, scale(0), to, 'zero')}${line(scale(lossAt), from, scale(lossAt), to, 'limit')}`;
    const better = objective.direction === 'maximize' ? 'right is better' : 'left is better';
    return {
      height: plot.bottom + 42,
      body: html`${xAxis(plot, scale, (tick) => (tick === 0 ? '0' : changeText(tick)), { rules: wide, gap: wide ? 54 : 50, name: `change of ${name} (${better}${wide ? '; scale bends at ±2 %' : ''})`, keep: (tick) => tick === 0 })}
${grounds.map(ground)}
${floor === null ? null : noiseLabel(`noise ${noiseText(floor)}${basis}`, scale(floor) + 4, plot)}
${svgText(scale(lossAt) - 4, plot.top - 10, 'revert', { anchor: 'end', className: 'name' })}
${rows.map((row, i) => rowMarkup(row, bands[i]!, width, wide, scale, ends))}`,
    };
  });
}

/** Beside the band it names, or at the edge where there is no room beside it. */
function noiseLabel(words: string, x: number, plot: Plot): Markup {
  const fits = x + words.length * characterWidth.plain <= plot.right;
  return svgText(fits ? x : plot.right, plot.top - 10, words, { anchor: fits ? 'start' : 'end', className: 'name' });
}

/** Where a row stands, and its name in lines that fit. */
interface Band {
  readonly top: number;
  readonly height: number;
  readonly names: readonly string[];
}

function bandsOf(rows: readonly Row[], width: number, wide: boolean): readonly Band[] {
  let top = firstTop;
  return rows.map(({ trial, name }) => {
    // A line never breaks beside an arrow, so that the old and the new value stay together.
    const unbroken = `${trial.trial}  ${name.replaceAll(' → ', '\u00a0→\u00a0')}`;
    const names = wrapped(unbroken, wide ? labelWidth : width - 110, mostLines, 'strong');
    const band = { top, height: (wide ? 44 : 72) + (names.length - 1) * lineHeight, names };
    top += band.height;
    return band;
  });
}

function measuredText({ effect, allCalls }: Row): string {
  return `${intervalText(effect)}${allCalls ? `, over all calls ${changeText(allCalls.estimate)}` : ''}`;
}

function rowMarkup(
  row: Row,
  { top, height, names }: Band,
  width: number,
  wide: boolean,
  scale: Scale,
  ends: readonly [number, number],
): Markup {
  const { trial, effect, predicted } = row;
  const middle = wide ? top + height / 2 : top + height - 20;
  const tone = toneOf(trial);
  const outcome = [outcomeWord(trial), outcomeDetail(trial)].filter((one) => one !== '').join(': ');
  const x = (value: number | null, otherwise: number) =>
    scale(Math.min(ends[1], Math.max(ends[0], value ?? otherwise)));
  const left = wide ? 0 : 12;
  const first = wide ? middle - 3 - ((names.length - 1) * lineHeight) / 2 : top + 16;
  const label = html`${names.map((one, i) => svgText(left, first + i * lineHeight, one, { className: 'strong' }))}${svgText(left, first + names.length * lineHeight - 1, fitted(outcome, wide ? labelWidth : width - 24))}`;
  const figures = wide
    ? html`${svgText(width, middle - 3, changeText(effect.estimate), { anchor: 'end', className: 'strong' })}${svgText(width, middle + 13, rangeText(effect.low, effect.high), { anchor: 'end' })}`
    : svgText(width - 12, top + 16, changeText(effect.estimate), { anchor: 'end', className: 'strong' });
  const sealed = predicted
    ? html`<g class="predicted"><title>${`predicted ${intervalText(predicted)}`}</title>${rect(x(predicted.low, -1), middle - 11, x(predicted.high, Infinity) - x(predicted.low, -1), 6, 'predicted')}</g>`
    : null;
  return html`<g>${label}${figures}${sealed}<g class="${tone}"><title>${`measured ${measuredText(row)}`}</title>${line(x(effect.low, -1), middle, x(effect.high, Infinity), middle, 'whisker')}${line(x(effect.low, -1), middle - 5, x(effect.low, -1), middle + 5, 'whisker')}${line(x(effect.high, Infinity), middle - 5, x(effect.high, Infinity), middle + 5, 'whisker')}<circle cx="${x(effect.estimate, 0)}" cy="${middle}" r="4.5" class="dot"/></g></g>`;
}

function predictedOf(
  predictions: readonly PredictionData[],
  trial: TrialData,
  turn: (effect: Interval) => Interval,
): Interval | null {
  const found = predictions.find((one) => one.trial === trial.trial);
  return found ? turn(found.predicted) : null;
}

/** All finite ends, with at least ±10 % shown, and a little air. */
function domainOf(rows: readonly Row[], floor: number): readonly [number, number] {
  const ends = rows
    .flatMap(({ effect, predicted }) => [effect.low, effect.high, effect.estimate, predicted?.low, predicted?.high])
    .filter((one): one is number => Number.isFinite(one));
  const low = Math.max(-0.95, Math.min(-0.1, -1.5 * floor, ...ends));
  const high = Math.min(99, Math.max(0.1, 1.5 * floor, ...ends));
  return [Math.max(-0.97, (1 + low) * 0.97 - 1), (1 + high) * 1.12 - 1];
}
