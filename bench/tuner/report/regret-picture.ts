/**
 * What each rule lost of the best setting over the time of a run, in one world: the median over seeds as a line,
 * and of ours a band that holds eight runs of ten. Those that lost least are named where their lines end.
 */
import { html, type Markup } from '../../../exporters/report/markup.ts';
import { type Plot, xAxis, yAxis } from '../../../exporters/report/svg/axis.ts';
import { picture, svgText } from '../../../exporters/report/svg/picture.ts';
import { linearScale } from '../../../exporters/report/svg/scale.ts';
import { quantile } from '../../estimate.ts';
import { type Lap, ours } from '../lap.ts';
import { peersIn, worthIn } from '../reading.ts';

/** Peers that are drawn; the tables have all of them. */
const drawn = 3;
/** Pixels between two names at the ends of lines. */
const lineHeight = 15;

type Point = readonly [x: number, y: number];

/** @param seconds length of the runs */
export function regretPicture(world: string, laps: readonly Lap[], seconds: number): Markup {
  const best = peersIn(new Map([[world, laps]]))
    .toSorted((a, b) => worthIn(laps, b, 'ofBest') - worthIn(laps, a, 'ofBest'))
    .slice(0, drawn);
  const rules = [...best, ours];
  const most = Math.max(0.05, ...rules.flatMap((rule) => lostBy(laps, rule, rule === ours ? 0.9 : 0.5)));
  const words = rules.map((rule) => `${rule} lost ${percent(1 - worthIn(laps, rule, 'ofBest'))}`).join(', ');
  return picture(
    {
      id: `regret-${world.replaceAll(/[^a-z0-9]+/g, '-')}`,
      title: `${world}: what was lost of the best setting, over time`,
      description: `Over the whole run ${words}; never tuning would have lost ${percent(1 - worthIn(laps, ours, 'defaultOfBest'))}.`,
    },
    (width) => {
      const plot: Plot = { left: 46, right: width - 140, top: 14, bottom: 170 };
      const x = linearScale([0, seconds], [plot.left, plot.right], width > 600 ? 6 : 3);
      const y = linearScale([0, Math.min(1, most)], [plot.bottom, plot.top], 4);
      const line = (rule: string, q: number): readonly Point[] =>
        lostBy(laps, rule, q).map((lost, i, all) => [x((seconds * (i + 0.5)) / all.length), y(Math.min(1, lost))]);
      const ends = spreadOut(
        rules.map((rule) => ({ rule, at: line(rule, 0.5).at(-1)?.[1] ?? plot.bottom })),
        plot.bottom,
      );
      const classOf = (rule: string) => (rule === ours ? 'ours' : `peer p${best.indexOf(rule)}`);
      return {
        height: 206,
        body: html`${yAxis(plot, y, percent)}${xAxis(plot, x, String, { name: 's of the world' })}${path([...line(ours, 0.9), ...line(ours, 0.1).toReversed()], 'band')}${rules.map((rule) => path(line(rule, 0.5), `line ${classOf(rule)}`))}${ends.map(({ rule, at }) => svgText(plot.right + 8, at + 4, rule, { className: `end ${classOf(rule)}` }))}`,
      };
    },
  );
}

/** Of each part of the run, the quantile over seeds. */
function lostBy(laps: readonly Lap[], rule: string, q: number): readonly number[] {
  const curves = laps.flatMap(({ runs }) => (runs[rule] ? [runs[rule].curve] : []));
  const parts = curves[0]?.length ?? 0;
  return Array.from({ length: parts }, (_, i) =>
    quantile(
      curves.map((curve) => Math.max(0, 1 - (curve[i] ?? 1))),
      q,
    ),
  );
}

/** Names in the order of their lines, none on another. */
function spreadOut<T extends { readonly at: number }>(items: readonly T[], bottom: number): readonly T[] {
  const placed: T[] = [];
  for (const item of items.toSorted((a, b) => b.at - a.at)) {
    const below = placed.at(-1)?.at ?? bottom + lineHeight;
    placed.push({ ...item, at: Math.min(item.at, below - lineHeight) });
  }
  return placed;
}

function path(points: readonly Point[], className: string): Markup {
  return html`<path class="${className}" d="${points.map(([x, y], i) => html`${i === 0 ? 'M' : 'L'}${x} ${y}`)}"/>`;
}

export function percent(share: number): string {
  const value = 100 * share;
  return `${Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}
