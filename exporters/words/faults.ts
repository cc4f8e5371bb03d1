/** What is wrong with the rows of a ledger, in words. */
import type { ChainFault } from '../../src/store/chain.ts';
import { countedText } from './numbers.ts';

/** One sentence, with session and row. */
function faultText(fault: ChainFault): string {
  switch (fault.kind) {
    case 'altered':
      return `damaged: row ${fault.seq} of session ${fault.run} was altered`;
    case 'missing':
      return `damaged: ${countedText(fault.count, 'row')} before row ${fault.seq} of session ${fault.run} went missing`;
    case 'cut':
      return `damaged: ${countedText(fault.count, 'row')} at the end of session ${fault.run} went missing`;
    case 'orphan':
      return `damaged: row ${fault.seq} belongs to session ${fault.run}, which the ledger does not know`;
  }
}

/** What was found wrong: the first faults, and how many there are in all. */
export interface Faults {
  readonly faults: readonly ChainFault[];
  readonly faultCount: number;
}

/** One sentence a fault, and one for those that are not listed. */
export function faultTexts({ faults, faultCount }: Faults): readonly string[] {
  const more = faultCount - faults.length;
  return [...faults.map(faultText), ...(more > 0 ? [`damaged: ${countedText(more, 'more fault')}`] : [])];
}
