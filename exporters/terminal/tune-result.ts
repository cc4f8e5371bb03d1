/**
 * The result of a run of `sandtune tune`: its report, and whether its decisions come out the same again. The
 * ledger of a long run is read and played on a thread of its own, so that Ctrl-C is heard meanwhile; whoever
 * is in a hurry gets the report without the replay.
 */
import { aborted } from '../../src/foundation/aborted.ts';
import { type Replay, replay } from '../../tuner/replay.ts';
import type { Tuner } from '../../tuner/tune.ts';
import { type Report, report } from '../report/report.ts';
import { reportOf } from '../stored/report-of.ts';

export interface TuneResult {
  readonly made: Report;
  /** null: there was no time for it. */
  readonly played: Replay | null;
}

/** Windows of a run that is played again at once: that takes less time than a thread takes to begin. */
const fewWindows = 2_000;

/** @param by ends the waiting: what is there by then is the result */
export async function resultOf({ ledger, history }: Tuner, by: AbortSignal): Promise<TuneResult> {
  const { session, options } = history.entry;
  if (ledger.path === ':memory:' || (history.lastMs ?? 0) < fewWindows * options.windowMs) {
    const played = replay(ledger, session);
    return { made: report(ledger, { session, replay: played }), played };
  }
  try {
    await Promise.race([ledger.durable(), aborted(by)]);
    const made = await reportOf(ledger.path, { session, replay: true, signal: by });
    if (made.replay !== null) return { made, played: made.replay };
  } catch (error) {
    if (!by.aborted) throw error;
  }
  return { made: report(ledger, { session }), played: null };
}
