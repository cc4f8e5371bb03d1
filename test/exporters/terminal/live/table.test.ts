import { expect, it } from 'vitest';
import { type TableRow, tableLines } from '../../../../exporters/terminal/live/table.ts';
import { displayWidth } from '../../../../exporters/terminal/live/text.ts';
import { SampleSession, sampleStart } from '../../../support/sample-ledger.ts';
import { storyText } from './story-text.ts';

const widths = [80, 40];

/** The points of a grid as the live view tells them, without bars and line breaks. */
function sweepText(capacities: readonly number[], width: number): string {
  const points = capacities.flatMap((moduleCacheCapacity) =>
    [1, 2, 3, 4].flatMap((threads) =>
      [1, 16, 64, 128].map((batchSize, i) => ({
        settings: { ...sampleStart, threads, batchSize, moduleCacheCapacity },
        windows: 1,
        metric: { estimate: 5_000 + 1_000 * i, low: 4_000, high: 9_000, level: 0.95 },
      })),
    ),
  );
  const told = storyText(new SampleSession().remark({ kind: 'sweep', title: 'the grid', points }).entries, width);
  const lines = told.slice(told.indexOf('the grid')).split('\n').slice(1);
  expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
  return lines.join('\n');
}

it.each(widths)(
  'a sweep in the live view names at %i columns each knob whole, and once what half of the points share',
  (width) => {
    const told = sweepText([32, 23], width);
    expect(told.match(/moduleCacheCapacity \d+/g)).toEqual(['moduleCacheCapacity 32', 'moduleCacheCapacity 23']);
    expect(told).not.toContain('…');
    // A bar stands beside what it belongs to, or not at all.
    expect(told).not.toMatch(/^ *[█▏▎▍▌▋▊▉]+$/m);
    expect(told.match(/threads 4/g)).toHaveLength(8);
  },
);

it('a sweep in the live view names nothing above its points that none of them shares with the next ones', () => {
  expect(sweepText([32], 80)).not.toMatch(/moduleCacheCapacity|:/);
  expect(sweepText([32], 80).match(/threads \d, batchSize \d+ /g)).toHaveLength(16);
});

it.each(widths)('a table in the live view cuts no name at %i columns, however long, and keeps its columns', (width) => {
  const names = ['fetch', 'connectionsPerUpstreamHost', `${'very'.repeat(20)}LongName`];
  const rows = names.map(
    (name, i): TableRow => ({
      cells: [{ text: name }, { text: `${10 ** i}`, align: 'right' }, { bar: 0.5, style: 'a' }],
      last: { text: `row ${i}` },
    }),
  );
  const lines = tableLines(rows, width).map((spans) => spans.map(({ text }) => text).join(''));
  expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
  const nameColumn = lines.map((line) => line.slice(0, width / 2).trim()).join('');
  for (const name of names) expect(nameColumn).toContain(name);
  expect(new Set(lines.filter((line) => line.includes('row')).map((line) => line.indexOf('█'))).size).toBe(1);
});
