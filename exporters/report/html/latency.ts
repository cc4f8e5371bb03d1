/** Latency before and after, by percentile and by function; where the time of a call goes. */
import { durationText } from '../../../src/foundation/units.ts';
import { percentileText, shareText, wholeText } from '../../words/numbers.ts';
import { stageText } from '../../words/stages.ts';
import type { FunctionData, LatencySide, ReportData } from '../data.ts';
import { html, type Markup, type MarkupValue } from '../markup.ts';
import { percentilesPicture } from '../svg/percentiles.ts';
import { stagesPicture, totalOf } from '../svg/stages.ts';
import type { Detail } from './detail.ts';
import { capped, details, figure, section, table } from './elements.ts';

const tabled = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];

export function latencySection(data: ReportData, { rows: mostRows }: Detail): Markup | null {
  const { start, chosen, from, functions } = data.latency;
  if (!start) return null;
  const columns = [{ name: '' }, { name: 'Start', num: true }, ...(chosen ? [{ name: 'Chosen', num: true }] : [])];
  const row = (name: string, value: (side: LatencySide) => MarkupValue) => ({
    cells: [name, value(start), ...(chosen ? [value(chosen)] : [])],
  });
  const rows = [
    ...tabled
      .filter((p) => start.percentiles.some((one) => one.p === p))
      .map((p) => row(percentileText(p), (side) => atPercentile(side, p))),
    row('mean', (side) => durationText(side.meanMs)),
    row('max', (side) => durationText(side.maxMs)),
    row('calls', (side) => wholeText(side.calls)),
  ];
  const { listed, more } = capped(functions, mostRows);
  const pair = (of: FunctionData['start']) => (of ? `${durationText(of.p50Ms)} / ${durationText(of.p99Ms)}` : 'none');
  const functionColumns = [
    { name: 'Function' },
    { name: 'Calls', num: true },
    { name: 'Not ok', num: true },
    { name: 'Start, p50 / p99', num: true },
    ...(chosen ? [{ name: 'Chosen, p50 / p99', num: true }] : []),
  ];
  return section('latency', 'Latency', `From ${from}. Measured from the moment a call should have started.`, [
    figure(
      percentilesPicture(data),
      'Stairs, not a fit: every step is a measured percentile. A line ends where fewer than ten calls lie beyond.',
    ),
    details('Percentiles as a table', table('Latency by percentile', columns, rows)),
    functions.length > 0
      ? details(`By function (${functions.length}), of the calls that came back`, [
          table(
            'Latency by function',
            functionColumns,
            listed.map((one) => ({
              cells: [
                html`<code>${one.name}</code>`,
                wholeText(one.calls),
                wholeText(one.failed),
                pair(one.start),
                ...(chosen ? [pair(one.chosen)] : []),
              ],
            })),
          ),
          more,
        ])
      : null,
  ]);
}

function atPercentile(side: LatencySide, p: number): string {
  const found = side.percentiles.find((one) => one.p === p);
  return found ? durationText(found.ms) : 'too few calls';
}

export function stagesSection(data: ReportData): Markup | null {
  const { start, chosen } = data.stages;
  const picture = stagesPicture(data);
  if (!picture || !start) return null;
  const names = [...new Set([...start.stages, ...(chosen?.stages ?? [])].map((one) => one.name))];
  const columns = [
    { name: 'Stage' },
    { name: 'Start', num: true },
    { name: 'Share', num: true },
    ...(chosen
      ? [
          { name: 'Chosen', num: true },
          { name: 'Share', num: true },
        ]
      : []),
  ];
  const cells = (side: typeof start, name: string) => {
    const ms = side.stages.find((one) => one.name === name)?.ms ?? 0;
    return [durationText(ms), shareText(ms / (totalOf(side) || 1), 0)];
  };
  const most = [...start.stages].sort((a, b) => b.ms - a.ms)[0];
  const lead = most
    ? `At the start ${shareText(most.ms / totalOf(start), 0)} of a call's time is ${stageText(most.name, [start, chosen])}.`
    : '';
  return section(
    'stages',
    'Where the time goes',
    `${lead} Means of ${wholeText(start.samples + (chosen?.samples ?? 0))} sampled calls${chosen ? '; both settings are sampled alike' : ''}.`,
    [
      figure(
        picture,
        `Thin bar: mean time of a call${chosen ? ', both to one scale' : ''}. Broad bar: the share of each stage.`,
      ),
      details(
        'Stages as a table',
        table(
          'Time by stage',
          columns,
          names.map((name) => ({
            cells: [stageText(name, [start, chosen]), ...cells(start, name), ...(chosen ? cells(chosen, name) : [])],
          })),
        ),
      ),
    ],
  );
}
