/** Story lines for what the shell remarks: the diff to paste, what measuring costs, tested points, the books. */

import { outcomes, type Settings } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { Remark } from '../../../tuner/entries/entries.ts';
import { costSentence } from '../../words/measuring.ts';
import { countedText, wholeText } from '../../words/numbers.ts';
import { type PatchLine, patchLines, patchSigns } from '../../words/patch-lines.ts';
import { settingsText, varyingKnobs } from '../../words/settings.ts';
import { type StoryLine, text } from './lines.ts';
import { objectiveIn, type ViewState } from './state.ts';
import type { TableRow } from './table.ts';
import { valueOfMetric } from './words.ts';

export function remarkLines(state: ViewState, remark: Remark): StoryLine[] {
  switch (remark.kind) {
    case 'patch':
      return patchStory(patchLines(remark.patches));
    case 'overhead':
      return [text('measuring', `${costSentence(remark)}: ${remark.how}`)];
    case 'sweep':
      return sweepLines(state, remark);
    case 'accounting': {
      const settled = outcomes.reduce((sum, outcome) => sum + remark.outcomes[outcome], 0);
      const even = remark.offered === settled + remark.inFlight;
      const others = outcomes
        .filter((one) => one !== 'ok' && remark.outcomes[one] > 0)
        .map((one) => `${wholeText(remark.outcomes[one])} ${one}`);
      const sum = `${wholeText(remark.offered)} offered = ${wholeText(settled)} settled + ${wholeText(remark.inFlight)} in flight`;
      return [
        text('calls', [
          { text: even ? '✓' : '✗', style: even ? 'good' : 'bad' },
          ` ${sum}${others.length > 0 ? ` (${others.join(', ')})` : ''}`,
        ]),
      ];
    }
    case 'pruned':
      return [];
    case 'note':
      return [text('note', [{ text: remark.title, style: 'bold' }, `: ${remark.text}`])];
  }
}

function patchStory(lines: readonly PatchLine[]): StoryLine[] {
  const styles = { file: 'dim', same: 'dim', del: 'bad', add: 'good' } as const;
  return lines.map(({ kind, text: line }, i) => ({
    kind: 'verbatim',
    label: i === 0 ? 'to keep it' : '',
    span: { text: inLine(kind, line), style: styles[kind] },
    shows: differsAt(lines, i),
  }));
}

function inLine(kind: PatchLine['kind'], line: string): string {
  return `${patchSigns[kind]}${line.replaceAll('\t', '  ')}`;
}

/** Where a line that was taken away and the one in its place are first different; 0 where there is no such other. */
function differsAt(lines: readonly PatchLine[], i: number): number {
  const first = lines[i]?.kind === 'add' ? i - 1 : i;
  const [from, to] = [lines[first], lines[first + 1]];
  if (from?.kind !== 'del' || to?.kind !== 'add') return 0;
  const [one, other] = [inLine('del', from.text), inLine('add', to.text)];
  let at = 1;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

/** Points that one line above them must stand for, or it takes more room than it saves. */
const fewestUnderOne = 8;

/** What seldom changes from one point to the next is said once, above the points that share it. */
function sweepLines(state: ViewState, { title, points }: Extract<Remark, { kind: 'sweep' }>): StoryLine[] {
  const objective = objectiveIn(state);
  const varied = varyingKnobs(points.map(({ settings }) => settings));
  const shared = varied.filter((id) => {
    const stretches = points.filter((_, at) => at === 0 || differsFromBefore(points, at, [id])).length;
    return stretches * fewestUnderOne <= points.length;
  });
  const own = varied.filter((id) => !shared.includes(id));
  const largest = Math.max(...points.map(({ metric }) => metric.estimate));
  const best = objective.direction === 'maximize' ? largest : Math.min(...points.map(({ metric }) => metric.estimate));
  const rows = points.flatMap(({ settings, metric, windows }, at): TableRow[] => [
    ...(shared.length > 0 && (at === 0 || differsFromBefore(points, at, shared))
      ? [{ cells: [], last: { text: `${settingsText(settings, shared)}:` } }]
      : []),
    {
      cells: [
        { text: settingsText(settings, own) },
        {
          text: valueOfMetric(objective, metric.estimate),
          align: 'right',
          ...(metric.estimate === best && { style: 'bold' }),
        },
        { bar: metric.estimate / largest, style: metric.estimate === best ? 'b' : 'a' },
      ],
      last: { text: countedText(windows, 'window'), style: 'dim' },
    },
  ]);
  return [text('tested', [{ text: title, style: 'bold' }]), { kind: 'table', label: '', rows }];
}

function differsFromBefore(
  points: readonly { readonly settings: Settings }[],
  at: number,
  ids: readonly string[],
): boolean {
  const [before, now] = [points[at - 1]?.settings ?? {}, points[at]?.settings ?? {}];
  return ids.some((id) => valueIn(now, id) !== valueIn(before, id));
}
