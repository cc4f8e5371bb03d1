import { describe, expect, it } from 'vitest';
import { barToLine } from '../../../../exporters/terminal/live/bar.ts';
import { type DrawnCell, drawStrip } from '../../../../exporters/terminal/live/strip.ts';

const textOf = (spans: readonly { readonly text: string }[]) => spans.map((one) => one.text).join('');
const cells = (...values: readonly (readonly [DrawnCell['arm'], number | null])[]) =>
  values.map(([arm, value]): DrawnCell => ({ arm, value }));

describe('the strip', () => {
  it('the strip tells the arms apart by letter and by colour, in time order', () => {
    const { heights, letters } = drawStrip(
      cells(['baseline', 100], ['candidate', 500], ['candidate', 510], ['baseline', 101]),
    );
    expect(textOf(letters)).toBe('ABBA');
    expect(heights.map((one) => one.style)).toEqual(['a', 'b', 'b', 'a']);
  });

  it('the strip shows a large effect as high and low', () => {
    const { heights } = drawStrip(cells(['baseline', 100], ['candidate', 500]));
    expect(textOf(heights)).toMatch(/^[▁▂]█$/);
  });

  it('the strip does not draw noise as large as an effect', () => {
    const { heights } = drawStrip(cells(['baseline', 100], ['candidate', 97], ['baseline', 103]));
    expect(textOf(heights)).toMatch(/^[▆▇█]{3}$/);
  });

  it('the strip marks a window without a value and does not let it set the scale', () => {
    const { heights } = drawStrip(
      cells(['baseline', 100], ['candidate', null], ['candidate', Number.NaN], ['baseline', 100]),
    );
    expect(textOf(heights)).toBe('█××█');
  });

  it('the strip draws a window in which no call ended well at the bottom', () => {
    expect(textOf(drawStrip(cells(['baseline', 100], ['candidate', 0])).heights)).toBe('█▁');
  });

  it('the strip scales a part of its windows like all of them, so that parts can be compared', () => {
    const all = cells(['baseline', 100], ['candidate', 500], ['baseline', 100]);
    expect(textOf(drawStrip(all, all.slice(2)).heights)).toBe(textOf(drawStrip(all).heights).slice(2));
  });
});

describe('the bar to a line', () => {
  it('the bar to a line climbs from its beginning to the line, and keeps the line in its place', () => {
    const drawn = [-3, 1, 2, 3, 6].map((value) => textOf(barToLine(value, { from: 1, line: 3 }, 21, 'good')));
    expect(drawn.map((one) => one.indexOf('┃'))).toEqual([20, 20, 20, 20, 20]);
    expect(drawn.map((one) => one.split('█').length - 1)).toEqual([0, 0, 10, 20, 20]);
  });

  it('the bar to a line is empty on a number that is none', () => {
    expect(textOf(barToLine(Number.NaN, { line: 2 }, 11, 'good'))).toBe(`${'·'.repeat(10)}┃`);
  });
});
