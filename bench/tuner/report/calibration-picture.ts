/** What models predicted of a setting against what its trial measured: on the diagonal they were right. */

import { html, type Markup } from '../../../exporters/report/markup.ts';
import { type Plot, xAxis, yAxis } from '../../../exporters/report/svg/axis.ts';
import { line, picture } from '../../../exporters/report/svg/picture.ts';
import { effectScale } from '../../../exporters/report/svg/scale.ts';
import type { Interval } from '../../../src/contracts.ts';

export interface Scored {
  readonly predicted: Interval;
  readonly measured: Interval;
  readonly covered: boolean;
}

const drawn = 400;

export function calibrationPicture(scores: readonly Scored[]): Markup {
  const inside = scores.filter(({ covered }) => covered).length;
  const values = scores.flatMap(({ predicted, measured }) => [predicted.estimate, measured.estimate]);
  const ends = [Math.min(-0.05, ...values), Math.max(0.5, ...values)] as const;
  return picture(
    {
      id: 'calibration',
      title: 'Predicted and measured gains',
      description: `${scores.length} predictions; what was measured lay inside the predicted interval in ${inside}.`,
    },
    (width) => {
      const plot: Plot = { left: 56, right: Math.min(width - 20, 520), top: 20, bottom: 320 };
      const x = effectScale(ends, [plot.left, plot.right]);
      const y = effectScale(ends, [plot.bottom, plot.top]);
      return {
        height: 366,
        body: html`${yAxis(plot, y, gain, { name: 'measured' })}${xAxis(plot, x, gain, { name: 'predicted', rules: true })}${line(plot.left, plot.bottom, plot.right, plot.top, 'axis')}${scores.slice(0, drawn).map((one) => html`<circle class="scored ${one.covered ? 'in' : 'out'}" cx="${x(one.predicted.estimate)}" cy="${y(one.measured.estimate)}" r="3.4"/>`)}`,
      };
    },
  );
}

function gain(value: number): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.round(100 * Math.abs(value))} %`;
}
