/** The account of all calls, in words: the same in HTML, Markdown and the terminal. */
import { wholeText } from '../words/numbers.ts';
import type { ReportData } from './data.ts';

/** '4,733 calls offered = 4,731 ok + 2 lost + 0 in flight'; what does not add up is told as that. */
export function accountText({
  offered,
  outcomes,
  inFlight,
  difference,
}: NonNullable<ReportData['accounting']>): string {
  if (difference !== 0)
    return `${wholeText(Math.abs(difference))} calls are ${difference > 0 ? 'missing' : 'counted twice'}: ${wholeText(offered)} offered, ${wholeText(offered - inFlight - difference)} settled, ${wholeText(inFlight)} in flight`;
  const others = Object.entries(outcomes).flatMap(([name, count]) =>
    name !== 'ok' && count > 0 ? [`${wholeText(count)} ${name}`] : [],
  );
  return [
    `${wholeText(offered)} calls offered = ${wholeText(outcomes.ok)} ok`,
    ...others,
    `${wholeText(inFlight)} in flight`,
  ].join(' + ');
}

/** Whoever makes the calls counts them. */
export const noAccountText =
  "No account of all calls is recorded: sandtune tune and sandtune observe record one when they end, a program does with tuner.remark({ kind: 'accounting', offered, outcomes, inFlight }).";
