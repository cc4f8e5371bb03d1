/**
 * The metric at every setting that was tested, as a multiple of that at the start, one panel for each knob
 * that was moved. A multiple follows what was measured in turns (collect/points.ts); points that stood alone
 * are not drawn. Points and whiskers only: nothing is drawn where nothing was measured.
 */
import type { Settings, SettingValue } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { metricName, metricText } from '../../words/metric.ts';
import { countedText } from '../../words/numbers.ts';
import { changedKnobs, settingsText, valueText } from '../../words/settings.ts';
import type { KnobData, ObjectiveData, PointData, ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { multipleText, ranked } from '../point-words.ts';
import { type Plot, xAxis, yAxis } from './axis.ts';
import { line, picture, svgText, wideWidth } from './picture.ts';
import { linearScale, listScale, logScale, type Scale } from './scale.ts';

interface Drawn extends PointData {
  readonly multiple: NonNullable<PointData['multiple']>;
}

interface DrawnData extends ReportData {
  readonly points: readonly Drawn[];
}

interface Panel {
  readonly knob: KnobData;
  readonly values: readonly SettingValue[];
}

/**
 * Null when fewer than two settings are drawn.
 * @param drawnPoints more points are told in the JSON only; baseline, probes and trials come first
 */
export function responsePicture(all: ReportData, drawnPoints = Infinity): Markup | null {
  const points = all.points.flatMap((one): Drawn[] => (one.multiple ? [{ ...one, multiple: one.multiple }] : []));
  const data: DrawnData = { ...all, points: points.slice(0, drawnPoints) };
  const { objective } = data;
  if (!objective) return null;
  const panels = panelsOf(data);
  if (panels.length === 0) return null;
  const [best] = ranked(data);
  const description = `${countedText(points.length, 'tested point')}. ${points
    .slice(0, 40)
    .map((one) => `${settingsText(one.settings)}: ${multipleText(one.multiple.value)}`)
    .join('; ')}.${best ? ` Best seen: ${settingsText(best.settings)}.` : ''}`;
  const high = Math.max(
    ...data.points.flatMap(({ multiple }) => [multiple.value, multiple.high]).filter(Number.isFinite),
  );
  return picture(
    {
      id: 'response',
      title: `${metricName(objective.metric)} at every tested setting, as a multiple of the start`,
      description,
    },
    (width) => {
      const columns = width === wideWidth ? (panels.length === 4 ? 2 : Math.min(panels.length, 3)) : 1;
      const rows = Math.ceil(panels.length / columns);
      const panelHeight = 250;
      const gap = 34;
      const left = 54;
      const panelWidth = (width - left - gap * (columns - 1) - 8) / columns;
      return {
        height: rows * panelHeight + 8,
        body: panels.map((panel, i) => {
          const column = i % columns;
          const top = Math.floor(i / columns) * panelHeight + 28;
          const from = left + column * (panelWidth + gap);
          const plot: Plot = { left: from, right: from + panelWidth, top, bottom: top + panelHeight - 78 };
          const y = linearScale([0, high * 1.05], [plot.bottom, plot.top], 4);
          return panelMarkup(panel, plot, y, data, objective, column === 0);
        }),
      };
    },
  );
}

function panelsOf({ points, settings }: ReportData): Panel[] {
  return settings.knobs.flatMap((knob): Panel[] => {
    const values = [...new Set(points.map((one) => valueIn(one.settings, knob.id)).filter((one) => one !== undefined))];
    if (values.length < 2) return [];
    return [
      {
        knob,
        values: values.every((one) => typeof one === 'number') ? values.sort((a, b) => Number(a) - Number(b)) : values,
      },
    ];
  });
}

function panelMarkup(
  { knob, values }: Panel,
  plot: Plot,
  y: Scale,
  data: DrawnData,
  objective: ObjectiveData,
  first: boolean,
): Markup {
  const inset = 30;
  const range = [plot.left + inset, plot.right - inset] as const;
  const numbers = values.map(Number);
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  const numeric = values.every((one) => typeof one === 'number');
  const logarithmic = numeric && low > 0 && (knob.scale === 'log' || high / low >= 16);
  const inner = !numeric
    ? listScale(values.length, range)
    : logarithmic
      ? logScale([low, high], range)
      : linearScale([low, high], range);
  // Ticks stand where something was tested, and nowhere else.
  const at = Object.assign((value: number) => inner(value), { ticks: numeric ? numbers : values.map((_, i) => i) });
  const place = (value: SettingValue | undefined) =>
    numeric ? inner(Number(value)) : inner(values.findIndex((one) => one === value));
  const unit = knob.unit && knob.unit !== knob.id ? ` (${knob.unit})` : '';
  return html`${yAxis(plot, y, multipleText, { labels: first, ...(first && { name: `${metricName(objective.metric)} / start` }) })}${xAxis(plot, at, (tick) => (numeric ? String(Number(tick.toPrecision(4))) : valueText(values[tick])), { gap: 26 })}${svgText(plot.right, plot.bottom + 36, `${knob.id}${unit}${logarithmic ? ', log' : ''}`, { anchor: 'end', className: 'name' })}${dodged(data.points, knob.id, data.settings).map(({ point, slice, shift }) => pointMarkup(point, slice, place(valueIn(point.settings, knob.id)) + shift, y, data, objective))}`;
}

type Slice = 'start' | 'chosen' | 'neither';

/** Whether the other settings are as at the start, as chosen, or neither. */
function sliceOf(point: PointData, knob: string, { start, chosen }: ReportData['settings']): Slice {
  const others = (from: Settings) => changedKnobs(from, point.settings).filter((id) => id !== knob).length;
  if (sameSettings(point.settings, chosen)) return 'chosen';
  if (others(start) === 0) return 'start';
  return others(chosen) === 0 ? 'chosen' : 'neither';
}

/** Points at one value stand side by side: those like the start left, those like the chosen right, others between. */
function dodged(
  points: readonly Drawn[],
  knob: string,
  settings: ReportData['settings'],
): { readonly point: Drawn; readonly slice: Slice; readonly shift: number }[] {
  const known = points
    .filter((one) => valueIn(one.settings, knob) !== undefined)
    .map((point) => ({ point, slice: sliceOf(point, knob, settings) }));
  const groups = Map.groupBy(known, ({ point, slice }) => `${slice} ${valueIn(point.settings, knob)}`);
  const side = { start: -1, neither: 0, chosen: 1 } as const;
  const order: Readonly<Record<Slice, number>> = { neither: 0, start: 1, chosen: 2 };
  return [...groups.values()]
    .flatMap((group) =>
      group.map(({ point, slice }, i) => ({ point, slice, shift: side[slice] * Math.min(18, 6 + i * 7) })),
    )
    .sort((a, b) => order[a.slice] - order[b.slice]);
}

function pointMarkup(
  point: Drawn,
  slice: Slice,
  x: number,
  y: Scale,
  { settings, points }: DrawnData,
  objective: ObjectiveData,
): Markup {
  // One ring for each of the two, where they were measured first.
  const first = points.find((one) => sameSettings(one.settings, point.settings)) === point;
  const itself =
    first && (sameSettings(point.settings, settings.start) || sameSettings(point.settings, settings.chosen));
  const { multiple, source, windows, whisker } = point;
  // A whisker without a length has no ends to tell.
  const reach =
    multiple.low < multiple.high
      ? `whisker ${multipleText(multiple.low)} to ${multipleText(multiple.high)}`
      : 'whisker';
  const words = `${settingsText(point.settings)}: ${multipleText(multiple.value)}, ${metricText(objective.metric, point.value)} (${source}, ${countedText(windows, 'window')}; ${reach}: ${whisker})`;
  const at = y(multiple.value);
  return html`<g class="point ${slice}"><title>${words}</title>${line(x, y(multiple.low), x, y(multiple.high), 'whisker')}${marker(source, x, at)}${itself ? html`<circle cx="${x}" cy="${at}" r="8.5" class="ring"/>` : null}</g>`;
}

/** A shape for each source, so that colour is not needed to tell them apart. */
function marker(source: PointData['source'], x: number, y: number): Markup {
  switch (source) {
    case 'trial':
      return html`<path class="dot" d="M${x} ${y - 5.5}L${x + 5.5} ${y}L${x} ${y + 5.5}L${x - 5.5} ${y}Z"/>`;
    case 'probe':
      return html`<path class="dot" d="M${x} ${y - 5}L${x + 5} ${y + 4}L${x - 5} ${y + 4}Z"/>`;
    case 'baseline':
      return html`<rect class="dot" x="${x - 4}" y="${y - 4}" width="8" height="8"/>`;
    case 'sweep':
      return html`<circle class="dot" cx="${x}" cy="${y}" r="3.6"/>`;
  }
}
