/** What measuring costs, in words: the same in the terminal, in Markdown and in HTML. */
import type { Interval } from '../../src/contracts.ts';
import { bounded } from './bounds.ts';
import { countedText, levelText, rangeText, shareText } from './numbers.ts';

interface MeasuringCost {
  /** Throughput lost, as a fraction of that without. */
  readonly fraction: Interval;
  readonly pairs: number;
}

/** 'costs 3.5 % of throughput (90 % interval +1.0…+6.0 %)': said of measuring. */
export function costSentence(cost: MeasuringCost): string {
  const { fraction, pairs } = cost;
  const range = `(${levelText(fraction.level)} interval ${rangeText(fraction.low, fraction.high)})`;
  switch (knownOf(cost)) {
    case 'nothing':
      return `has a cost that is not known yet (${countedText(pairs, 'pair')})`;
    case 'noise':
      return `costs too little to tell from noise ${range}`;
    case 'cost':
      return `costs ${shareText(fraction.estimate)} of throughput ${range}`;
  }
}

/** The same as a figure and a note below it. */
export function costFigure(cost: MeasuringCost): { readonly value: string; readonly note: string } {
  const { fraction, pairs } = cost;
  const counted = countedText(pairs, 'pair');
  const note = `${rangeText(fraction.low, fraction.high)}, ${counted}`;
  switch (knownOf(cost)) {
    case 'nothing':
      return { value: 'not known yet', note: counted };
    case 'noise':
      return { value: 'within noise', note };
    case 'cost':
      return { value: shareText(fraction.estimate), note };
  }
}

/** A loss is the negative of an effect on throughput, and its ends are open where those of the effect are. */
function knownOf({ fraction: { estimate, low, high, level } }: MeasuringCost): 'nothing' | 'noise' | 'cost' {
  const effect = bounded({ estimate: -estimate, low: -high, high: -low, level });
  if (!effect || !Number.isFinite(effect.high)) return 'nothing';
  return low <= 0 ? 'noise' : 'cost';
}
