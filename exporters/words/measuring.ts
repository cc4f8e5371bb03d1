/** What measuring costs, in words: the same in the terminal, in Markdown and in HTML. */
import type { Interval } from '../../src/contracts.ts';
import { bounded } from './bounds.ts';
import { countedText, levelText, rangeText, shareText } from './numbers.ts';

export interface MeasuringCost {
  /** Throughput lost, as a fraction of that without; its ends may be open. */
  readonly fraction: Interval;
  readonly pairs: number;
}

/** 'costs 3.5 % of throughput (90 % interval +1.0…+6.0 %)': said of measuring. */
export function costSentence(cost: MeasuringCost): string {
  const { fraction, pairs } = cost;
  const level = levelText(fraction.level);
  switch (knownOf(cost)) {
    case 'nothing':
      return `has a cost that is not known (${unboundedText(pairs)})`;
    case 'none':
      return `has no cost that was seen (${[...atMost(fraction), `${level} interval`].join(', ')})`;
    case 'noisy':
      return `has a cost that is too noisy to say (${[...atMost(fraction), `${level} interval`].join(', ')})`;
    case 'cost':
      return `costs ${shareText(fraction.estimate)} of throughput (${level} interval ${rangeText(fraction.low, fraction.high)})`;
  }
}

/** The same as a figure and a note below it. */
export function costFigure(cost: MeasuringCost): { readonly value: string; readonly note: string } {
  const { fraction, pairs } = cost;
  const counted = countedText(pairs, 'pair');
  switch (knownOf(cost)) {
    case 'nothing':
      return { value: 'not known', note: unboundedText(pairs) };
    case 'none':
      return { value: 'none seen', note: noteOf(cost) };
    case 'noisy':
      return { value: 'too noisy to say', note: noteOf(cost) };
    case 'cost':
      return {
        value: shareText(fraction.estimate),
        note: `of throughput, ${rangeText(fraction.low, fraction.high)}, ${counted}`,
      };
  }
}

/** Why nobody knows. */
function unboundedText(pairs: number): string {
  return pairs === 0
    ? 'no pair was measured'
    : `${countedText(pairs, 'pair')}, which are too few or differ too much to bound it`;
}

function noteOf({ fraction, pairs }: MeasuringCost): string {
  return [...atMost(fraction).map((words) => `${words} of throughput`), countedText(pairs, 'pair')].join(', ');
}

/** A cost whose interval reaches zero is not seen; one that lies below it is no gain, and bounds nothing. */
function atMost({ high }: Interval): readonly string[] {
  return high > 0 ? [`at most ${shareText(high)}`] : [];
}

/** That measuring costs less than this share of throughput is no figure that anybody could use. */
const most = 0.5;

/** A bound above it does not say that there is no cost. */
const mostUnseen = 0.2;

/** A loss is the negative of an effect on throughput, and its ends are open where those of the effect are. */
function knownOf({ fraction: { estimate, low, high, level } }: MeasuringCost): 'nothing' | 'none' | 'noisy' | 'cost' {
  const effect = bounded({ estimate: -estimate, low: -high, high: -low, level });
  if (!effect || !Number.isFinite(effect.high) || effect.low <= -1 || high > most) return 'nothing';
  if (low > 0) return 'cost';
  return high > mostUnseen ? 'noisy' : 'none';
}
