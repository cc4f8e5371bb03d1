/**
 * How a stream goes, in lines of a terminal: a bar where it is known how much there is, and below it rate, lag, what
 * is in flight, and checkpoints. Lines break between facts, so that a narrow terminal shows the same ones.
 */
import { bytesText, countText, durationText, shareText } from '../../../src/foundation/units.ts';
import { countedText, wholeText } from '../../words/numbers.ts';
import { bar } from '../live/bar.ts';
import type { Paint } from '../live/paint.ts';
import { cut, displayWidth, type Span } from '../live/text.ts';
import { rateOver, type StreamSample } from './stream-rate.ts';

export interface ProgressState {
  /** The newest last; at least one. */
  readonly samples: readonly StreamSample[];
  /** Of the input, as it was at the start; null where nobody knows. */
  readonly totalBytes: number | null;
  /** Of the input that were done with before this run. */
  readonly startBytes: number;
  /** The output takes checkpoints. */
  readonly hasCheckpoints: boolean;
  readonly isEnding: boolean;
}

const separator = ' · ';
const longestBar = 60;
const shortestBar = 4;

/** @param width columns, at least 1 */
export function progressLines(state: ProgressState, width: number, paint: Paint): readonly string[] {
  const facts = linesOfFacts(factsOf(state), width);
  const share = shareDone(state);
  if (share === null) return facts;
  const percent = shareText(share, share < 0.1 ? 1 : 0);
  const columns = Math.min(longestBar, width - displayWidth(percent) - 1);
  if (columns < shortestBar) return [cut(percent, width), ...facts];
  return [`${painted(bar(share, columns, 'good'), paint)} ${percent}`, ...facts];
}

/** Of the input, 0 to 1; null where nobody knows. */
function shareDone({ samples, totalBytes, startBytes }: ProgressState): number | null {
  const progress = samples.at(-1)?.progress;
  if (totalBytes === null || !progress) return null;
  if (totalBytes === 0) return 1;
  return Math.min(1, Math.max(0, startBytes + progress.bytesIn - progress.inFlightBytes) / totalBytes);
}

function factsOf(state: ProgressState): readonly string[] {
  const { samples, totalBytes, startBytes, hasCheckpoints, isEnding } = state;
  const progress = samples.at(-1)?.progress;
  if (!progress) return [];
  const rate = rateOver(samples);
  const { inFlightBytes, inFlightRecords, checkpoints, failedCheckpoints, skipped, bytesIn } = progress;
  const leftBytes = totalBytes === null ? null : Math.max(0, totalBytes - startBytes - bytesIn + inFlightBytes);
  const left =
    leftBytes === null
      ? countedText(inFlightRecords, 'record')
      : `${bytesText(leftBytes)}${rate && rate.bytesPerS > 0 && leftBytes > 0 ? ` (${durationText((1000 * leftBytes) / rate.bytesPerS)})` : ''}`;
  return [
    ...(isEnding ? ['ending'] : []),
    rate ? `${countText(rate.recordsPerS)} records/s` : `${wholeText(progress.delivered)} records`,
    ...(rate ? [`${bytesText(rate.bytesPerS)}/s`] : []),
    `lag ${left}`,
    `in flight ${bytesText(inFlightBytes)}, ${countedText(inFlightRecords, 'record')}`,
    ...(hasCheckpoints ? [countedText(checkpoints, 'checkpoint')] : []),
    ...(failedCheckpoints > 0 ? [countedText(failedCheckpoints, 'failed checkpoint')] : []),
    ...(skipped > 0 ? [`${wholeText(skipped)} skipped`] : []),
    ...slowestFact(progress),
  ];
}

/** The stage that all others wait for, and what it does with its time. */
function slowestFact({ stages, slowest }: StreamSample['progress']): readonly string[] {
  const stage = stages.find(({ name }) => name === slowest);
  return stage ? [`slowest ${slowest}, ${shareText(stage.busyFraction, 0)} busy`] : [];
}

/** As many facts in a line as fit; one that is wider than the terminal is cut. */
function linesOfFacts(facts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    const longer = last === undefined ? '' : last + separator + fact;
    if (last !== undefined && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(cut(fact, width));
  }
  return lines;
}

function painted(spans: readonly Span[], paint: Paint): string {
  return spans.map(({ text, style }) => paint(text, style)).join('');
}
