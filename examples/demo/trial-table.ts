/** The trials of a run in columns, a knob a line. */
import { triggers } from 'sandtune/tuner';
import { movedKnobs } from './knob-list.ts';
import { decisionWord } from './not-shown.ts';
import { gap, indent, labelled, type PagePart, percent, rangeText, wrapped } from './page.ts';
import type { TrialLine } from './result.ts';

/** Columns of the last one, however many the others take. */
const narrowestDecision = 12;

function measuredLines({ effect, allCalls }: TrialLine): readonly string[] {
  if (!effect) return ['not measured'];
  const all = allCalls === null ? [] : [`in all ${percent(allCalls)}`];
  return [percent(effect.estimate), rangeText(effect).trim(), ...all];
}

/** Where the columns do not fit. */
function trialInWords(trial: TrialLine): readonly PagePart[] {
  const predicted = trial.predicted ? `, predicted ${percent(trial.predicted.estimate)}` : '';
  const decided = `${decisionWord(trial)}: ${triggers[trial.trigger].says}`;
  return labelled(
    `trial ${trial.id}`,
    `${movedKnobs(trial.from, trial.settings).join(', ')}${predicted}, ${measuredLines(trial).join(' ')} in ${trial.pairs} pairs; ${decided}`,
  );
}

export function trialTable(trials: readonly TrialLine[], width: number): readonly PagePart[] {
  if (trials.length === 0) return labelled('trials', 'none: nothing was worth trying');
  const head = ['#', 'change', 'predicted', 'measured', 'pairs', 'decision'];
  const rows = trials.map((trial) => ({
    cells: [
      [`${trial.id}`],
      movedKnobs(trial.from, trial.settings),
      trial.predicted ? [percent(trial.predicted.estimate)] : [],
      measuredLines(trial),
      [`${trial.pairs}`],
    ],
    decision: `${decisionWord(trial)}: ${triggers[trial.trigger].says}`,
  }));
  const widths = head
    .slice(0, -1)
    .map((title, column) =>
      Math.max(title.length, ...rows.flatMap(({ cells }) => (cells[column] ?? []).map((cell) => cell.length))),
    );
  const narrow = indent.length + widths.reduce((sum, one) => sum + one + gap.length, 0) + narrowestDecision;
  if (narrow > width) return trials.flatMap(trialInWords);
  const used = widths.reduce((sum, width) => sum + width + gap.length, indent.length);
  const draw = (cells: readonly string[]) =>
    `${indent}${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(gap)}`.trimEnd();
  return [
    draw(head),
    ...rows.flatMap(({ cells, decision }) => {
      const columns = [...cells, wrapped(decision, Math.max(narrowestDecision, width - used))];
      const height = Math.max(...columns.map((column) => column.length));
      return Array.from({ length: height }, (_, row) => draw(columns.map((column) => column[row] ?? '')));
    }),
  ];
}
