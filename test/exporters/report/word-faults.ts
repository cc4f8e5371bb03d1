/** What a reader would call wrong in a report without looking into its ledger: its parts held against each other. */
import type { FigureData, Report, ReportData } from '../../../exporters/index.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';

export function wordFaults({ data, markdown }: Pick<Report, 'data' | 'markdown'>): readonly string[] {
  return [
    ...figuresThatDisagree(data.figures),
    ...data.trials.flatMap(({ trial, pairCount, effect }) =>
      pairCount === 0 && effect !== null ? [`trial ${trial} has no pair and an effect`] : [],
    ),
    ...worseWithoutProof(data, markdown),
    ...pending(data),
    ...(/no bounds yet|[^.\d]100 % (?:sure|interval)|\b0 % sure/.exec(markdown) ?? []),
  ];
}

/** Calls in time are some of those that ended ok: of the same windows there are no more of them. */
function figuresThatDisagree(figures: readonly FigureData[]): readonly string[] {
  const goodput = figures.find(({ name }) => name === 'Goodput');
  const throughput = figures.find(({ name }) => name === 'Throughput');
  if (!goodput || !throughput || windowsOf(goodput) !== windowsOf(throughput)) return [];
  return (['start', 'chosen'] as const).flatMap((side) => {
    const [within, all] = [goodput.values[side], throughput.values[side]];
    return within !== undefined && all !== undefined && within > all * (1 + 1e-9)
      ? [`${goodput.text} beside ${throughput.text}`]
      : [];
  });
}

function windowsOf({ note }: FigureData): string {
  return note.split(', ').slice(-1).join();
}

/** A breaker proves nothing, and a limit says nothing of the metric beside which the word would stand. */
function worseWithoutProof({ trials }: ReportData, markdown: string): readonly string[] {
  return trials.flatMap(({ trial, trigger }) => {
    const judgedBy = trigger === null ? null : triggers[trigger].judgedBy;
    const row = markdown.split('\n').find((line) => line.startsWith(`| ${trial}. `)) ?? '';
    return judgedBy !== 'engine' && /\| worse\b(?! on a limit)/.test(row) ? [row] : [];
  });
}

/** Of a session that has ended nothing is still to come. What its trials were waiting for is quoted as it was recorded. */
function pending({ session, verdict, figures, validity }: ReportData): readonly string[] {
  if (session === null || session.ended === 'open') return [];
  const own = [verdict.action, ...figures.map(({ text }) => text), ...validity];
  return own.filter((line) => / yet\b|still (?:runs|measuring)/.test(line));
}
