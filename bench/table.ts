/** A result as a Markdown table, and its missed targets as lines. */
import { isRatio } from './against-figure.ts';
import type { Estimate, Figure } from './figure.ts';
import { type Judgement, judge } from './judge.ts';
import type { SuiteResult } from './suite.ts';

export function tableOf({ figures, length }: SuiteResult): string {
  const quick = length === 'quick';
  const rows = figures.map((figure) => {
    const targets = judgedAt(length, figure).map((one) => `${targetText(one)} ${stateText(one, quick)}`);
    const cells = [
      figure.name,
      `${estimateText(figure)} ${figure.unit}`,
      figure.better,
      targets.join('; '),
      peersText(figure),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| figure | value [95 %] | better | targets | peers, same run |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** What `--against` could not compare, one line a figure. */
export function leftOutOf({ against }: SuiteResult): readonly string[] {
  if (!against) return [];
  return Object.entries(against.leftOut).map(([figure, reason]) => `${against.ref} does not give ${figure}: ${reason}`);
}

/**
 * All targets that were not reached, each with the number that was held against it. A run in which
 * nothing could be judged has reached nothing.
 */
export function missedOf({ figures, length, against }: SuiteResult): readonly string[] {
  const judged = figures.flatMap((figure) => judgedAt(length, figure));
  return [
    ...(judged.length === 0 ? ['no figure of this run has a target: nothing was judged'] : []),
    ...(against && !figures.some(({ name }) => isRatio(name)) ? [`${against.ref} gave none of the figures`] : []),
    ...judged
      .filter(({ state }) => state !== 'reached')
      .map((one) => `${one.figure}: ${targetText(one)} ${stateText(one, false)}`),
  ];
}

function judgedAt(length: SuiteResult['length'], figure: Figure): readonly Judgement[] {
  return judge(figure, length === 'quick' ? { on: 'value' } : {});
}

function targetText({ target: { op, value, of }, peer }: Judgement): string {
  const sign = op === '>=' ? '≥' : '≤';
  if (of === undefined) return `${sign} ${short(value)}`;
  const best = typeof of === 'string' ? of : `best of ${of.join(', ')}`;
  return `${sign} ${short(value)} × ${best === 'best' || typeof of !== 'string' ? `${best} (${peer})` : best}`;
}

function stateText({ state, held }: Judgement, indicative: boolean): string {
  const word = state === 'reached' ? 'reached' : state.toUpperCase();
  const reason = typeof held === 'number' ? (state === 'missed' ? ` at ${short(held)}` : '') : `: ${held}`;
  return `${word}${reason}${indicative ? ' (indicative)' : ''}`;
}

function peersText({ value, peers = {}, ratios = {}, oracles = {} }: Figure): string {
  const told = Object.entries(peers)
    .map(([peer, theirs]) => {
      const ratio = ratios[peer] ?? (theirs === 0 ? null : { value: value / theirs, samples: 0 });
      return `${peer} ${short(theirs)}${ratio ? ` (ours × ${estimateText(ratio)})` : ''}`;
    })
    .join('; ');
  const knowing = Object.entries(oracles).map(([name, theirs]) => `${name} ${short(theirs)}`);
  return [told, ...(knowing.length === 0 ? [] : [`oracles: ${knowing.join(', ')}`])].filter(Boolean).join('; ');
}

function estimateText({ value, ci95 }: Estimate): string {
  return `${short(value)}${ci95 ? ` [${short(ci95[0])}, ${short(ci95[1])}]` : ''}`;
}

function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return size >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
