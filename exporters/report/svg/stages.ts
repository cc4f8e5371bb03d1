/**
 * Where a call's time goes: for start and chosen a thin bar as long as the mean call, and under it
 * the share of each stage.
 */
import { durationText } from '../../../src/foundation/units.ts';
import { shareText } from '../../words/numbers.ts';
import { settingsText, varyingKnobs } from '../../words/settings.ts';
import { stageText } from '../../words/stages.ts';
import type { ReportData, StagesSide } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { fitted, picture, rect, svgText } from './picture.ts';

/** Null when no call was sampled. */
export function stagesPicture({ stages }: ReportData): Markup | null {
  const sides = [
    { name: 'Start', side: stages.start },
    { name: 'Chosen', side: stages.chosen },
  ].flatMap(({ name, side }) => (side && totalOf(side) > 0 ? [{ name, side: worded(side, stages) }] : []));
  if (sides.length === 0) return null;
  const longest = Math.max(...sides.map(({ side }) => totalOf(side)));
  const description = sides
    .map(
      ({ name, side }) =>
        `${name}, ${durationText(totalOf(side))} a call: ${side.stages.map((one) => `${one.name} ${durationText(one.ms)} (${shareText(one.ms / totalOf(side), 0)})`).join(', ')}`,
    )
    .join('. ');
  const knobs = varyingKnobs(sides.map(({ side }) => side.settings));
  const names = [...new Set(sides.flatMap(({ side }) => side.stages.map((one) => one.name)))];
  return picture({ id: 'stages', title: 'Where the time of a call goes', description }, (width) => {
    const rowHeight = 84;
    const legendColumns = width > 600 ? names.length : 3;
    const legendTop = sides.length * rowHeight + 10;
    return {
      height: legendTop + Math.ceil(names.length / legendColumns) * 20 + 4,
      body: html`${sides.map(({ name, side }, i) => sideMarkup(name, side, i * rowHeight, width, longest, names, knobs))}${names.map(
        (name, i) => {
          const [x, y] = [
            (i % legendColumns) * (width / Math.max(legendColumns, 3)),
            legendTop + Math.floor(i / legendColumns) * 20,
          ];
          return html`${rect(x, y, 11, 11, `stage s${i % 8}`)}${svgText(x + 17, y + 10, fitted(name, width / legendColumns - 22))}`;
        },
      )}`,
    };
  });
}

function sideMarkup(
  name: string,
  side: StagesSide,
  top: number,
  width: number,
  longest: number,
  names: readonly string[],
  knobs: readonly string[],
): Markup {
  const total = totalOf(side);
  let x = 0;
  const bars = side.stages.map((stage) => {
    const size = (stage.ms / total) * width;
    const from = x;
    x += size;
    const index = names.indexOf(stage.name) % 8;
    const words = `${stage.name} ${durationText(stage.ms)}, ${shareText(stage.ms / total, 0)}`;
    const inside =
      size > 92 ? `${stage.name} ${shareText(stage.ms / total, 0)}` : size > 44 ? shareText(stage.ms / total, 0) : null;
    return size <= 0
      ? null
      : html`${rect(from, top + 34, Math.max(0.5, size - 1.5), 30, `stage s${index}`, words)}${inside ? svgText(from + 7, top + 53, fitted(inside, size - 10), { className: `inside i${index}` }) : null}`;
  });
  const label = width > 600 && knobs.length > 0 ? `${name}: ${settingsText(side.settings, knobs)}` : name;
  return html`${svgText(0, top + 14, fitted(label, width - 120, 'strong'), { className: 'strong' })}${svgText(width, top + 14, `${durationText(total)} a call`, { anchor: 'end', className: 'strong' })}${rect(0, top + 22, (total / longest) * width, 5, 'total')}${bars}`;
}

/** The side with its stages named for people. */
function worded(side: StagesSide, { start, chosen }: ReportData['stages']): StagesSide {
  return { ...side, stages: side.stages.map((one) => ({ ...one, name: stageText(one.name, [start, chosen]) })) };
}

export function totalOf(side: StagesSide): number {
  return side.stages.reduce((sum, one) => sum + one.ms, 0);
}
