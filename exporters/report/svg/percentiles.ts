/**
 * Latency by percentile, start against chosen. The axis gives each further nine the same width, as
 * HDR plots do; lines end where fewer than ten calls lie beyond.
 */
import { durationText } from '../../../src/foundation/units.ts';
import { percentileText } from '../../words/numbers.ts';
import { settingsText } from '../../words/settings.ts';
import type { LatencySide, ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { type Plot, xAxis, yAxis } from './axis.ts';
import { line, picture, stairs, svgText, wideWidth } from './picture.ts';
import { linearScale, logScale, type Scale } from './scale.ts';

const named = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];
const nines = (p: number) => -Math.log10(1 - p);

/** Null when no latency was measured. */
export function percentilesPicture({ latency, objective }: ReportData): Markup | null {
  const { start, chosen } = latency;
  if (!start) return null;
  const sides = [start, ...(chosen ? [chosen] : [])];
  const sloMs = objective?.goal.objective.metric === 'goodput' ? objective.goal.objective.sloMs : null;
  const all = sides.flatMap((one) => one.percentiles.map(({ ms }) => ms)).filter((ms) => ms > 0);
  if (all.length === 0) return null;
  const widest = Math.max(...sides.flatMap((one) => one.percentiles.map(({ p }) => p)));
  const high = Math.max(...all, sloMs ?? 0);
  const low = Math.min(...all);
  const name = (side: LatencySide) => (side === start ? 'start' : 'chosen');
  const description = sides
    .map(
      (side) =>
        `${name(side)} (${settingsText(side.settings)}): ${side.percentiles
          .filter(({ p }) => named.includes(p))
          .map(({ p, ms }) => `${percentileText(p)} ${durationText(ms)}`)
          .join(', ')}`,
    )
    .join('; ');
  return picture({ id: 'percentiles', title: 'Latency by percentile', description }, (width) => {
    const wide = width === wideWidth;
    const plot: Plot = { left: 58, right: width - (wide ? 84 : 8), top: 26, bottom: wide ? 286 : 236 };
    const place = linearScale([0, Math.max(1, nines(widest))], [plot.left, plot.right]);
    const x = Object.assign((p: number) => place(nines(p)), { ticks: [0, ...named.filter((p) => p <= widest)] });
    const y =
      high / low > 12
        ? logScale([low * 0.85, high * 1.15], [plot.bottom, plot.top])
        : linearScale([0, high * 1.08], [plot.bottom, plot.top]);
    return {
      height: plot.bottom + 42,
      body: html`${yAxis(plot, y, durationText, { name: `latency from the intended start${high / low > 12 ? ', log scale' : ''}` })}${xAxis(plot, x, (p) => (p === 0 ? 'min' : percentileText(p)), { gap: 30, rules: true, name: 'percentile' })}${sloMs === null ? null : html`${line(plot.left, y(sloMs), plot.right, y(sloMs), 'limit')}${svgText(plot.left + 6, y(sloMs) + 14, `SLO ${durationText(sloMs)}`, { className: 'small' })}`}${sides.map((side) => sideMarkup(side, name(side), x, y, plot, wide))}`,
    };
  });
}

function sideMarkup(
  side: LatencySide,
  name: 'start' | 'chosen',
  x: Scale,
  y: Scale,
  plot: Plot,
  wide: boolean,
): Markup {
  const points = side.percentiles.map(({ p, ms }) => [x(p), y(ms)] as const);
  const dots = side.percentiles.flatMap(({ p, ms }) =>
    named.includes(p)
      ? [
          html`<circle cx="${x(p)}" cy="${y(ms)}" r="3.4" class="dot"><title>${`${percentileText(p)} ${durationText(ms)}`}</title></circle>`,
        ]
      : [],
  );
  const last = points.at(-1) ?? [plot.right, plot.bottom];
  const label = wide
    ? svgText(Math.min(last[0] + 8, plot.right + 8), last[1] + 4, name, { className: 'strong series' })
    : svgText(last[0], last[1] - 8, name, { anchor: 'end', className: 'strong series' });
  return html`<g class="side ${name}">${stairs(points, 'stairs')}${dots}${label}</g>`;
}
