/** What a stream has done, as lines, and as one object for JSON. */
import { bytesText, countText, durationText, shareText } from '../../../src/foundation/units.ts';
import type { StreamSummary } from '../../../src/stream/index.ts';
import { countedText, wholeText } from '../../words/numbers.ts';

/** @param hasCheckpoints the output is one that can be gone on with */
export function streamResultText(done: StreamSummary, hasCheckpoints: boolean): string {
  const seconds = done.durationMs / 1000;
  const per = (count: number) => (seconds > 0 ? count / seconds : 0);
  const leftOut = done.skipped > 0 ? `, ${wholeText(done.skipped)} skipped` : '';
  const from = done.resumedFrom === null ? '' : `, resumed from epoch ${done.resumedFrom}`;
  return [
    `records      ${wholeText(done.read)} in, ${wholeText(done.delivered)} done${leftOut}`,
    `bytes        ${bytesText(done.bytesIn)} in, ${bytesText(done.bytesOut)} of results out`,
    `time         ${durationText(done.durationMs)}: ${countText(per(done.read))} records/s, ${bytesText(per(done.bytesIn))}/s`,
    `in flight    at most ${bytesText(done.peakBytes)}, ${countedText(done.peakRecords, 'record')}; paused ${countedText(done.pauses, 'time')}`,
    ...done.stages.map(
      ({ name, busyFraction, starvedFraction, blockedFraction }) =>
        `stage        ${name}: ${shareText(busyFraction, 0)} busy, ${shareText(starvedFraction, 0)} starved, ${shareText(blockedFraction, 0)} blocked${name === done.slowest && done.stages.length > 1 ? '; the slowest' : ''}`,
    ),
    ...(hasCheckpoints ? [`checkpoints  ${wholeText(done.checkpoints)}${from}`] : []),
    ...done.quarantined.map(({ id, reason }) => `put aside    ${id}: ${reason}`),
    '',
  ].join('\n');
}
