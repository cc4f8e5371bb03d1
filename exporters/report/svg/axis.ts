/** Axes shared by the pictures: ticks, light rules across the plot, a name. */
import { html, type Markup } from '../markup.ts';
import { line, svgText } from './picture.ts';
import { type Scale, spread } from './scale.ts';

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** '75.0 k' is '75 k' on an axis. */
function brief(label: string): string {
  return label.replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '');
}

export function xAxis(
  plot: Plot,
  scale: Scale,
  label: (tick: number) => string,
  options: {
    readonly name?: string;
    readonly gap?: number;
    readonly rules?: boolean;
    readonly keep?: (tick: number) => boolean;
  } = {},
): Markup {
  const ticks = spread(scale, options.gap ?? 44, options.keep);
  return html`<g aria-hidden="true">${line(plot.left, plot.bottom, plot.right, plot.bottom, 'axis')}${ticks.map((tick) => html`${options.rules ? line(scale(tick), plot.top, scale(tick), plot.bottom, 'rule') : line(scale(tick), plot.bottom, scale(tick), plot.bottom + 4, 'axis')}${svgText(scale(tick), plot.bottom + 17, brief(label(tick)), { anchor: 'middle' })}`)}${options.name ? svgText(plot.right, plot.bottom + 34, options.name, { anchor: 'end', className: 'name' }) : null}</g>`;
}

export function yAxis(
  plot: Plot,
  scale: Scale,
  label: (tick: number) => string,
  options: { readonly name?: string; readonly labels?: boolean } = {},
): Markup {
  const ticks = spread(scale, 20);
  return html`<g aria-hidden="true">${ticks.map((tick) => html`${line(plot.left, scale(tick), plot.right, scale(tick), 'rule')}${options.labels === false ? null : svgText(plot.left - 8, scale(tick) + 4, brief(label(tick)), { anchor: 'end' })}`)}${options.name ? svgText(plot.left, plot.top - 10, options.name, { className: 'name' }) : null}</g>`;
}
