/**
 * What a change of a knob costs, seen in the flips of a trial: of windows of one arm those that follow the other arm are
 * held against those that follow their own. What is missing there was lost after the discard, so that the discard was
 * too short: the next trial of the knob, and the next probe, waits out a window more (change-cost.ts).
 *
 *   windows of a trial, in order ─▶ after a flip │ after none, by arm ─▶ { washMs, lostMs } │ null: it cannot be told
 *
 * The order within a pair is a fair coin, so that neither drift nor the effect of the candidate is taken for it.
 *
 * A cost that was learnt may be gone, or was somebody else's doing: where as many calls come out in what is thrown away
 * after the flips as in the windows, nothing is lost there, and half of the wait is tried the next time.
 *
 *   calls of the discards, calls of the windows after them ─▶ losesNothing
 */
import type { Load, Measured, Objective } from '../../src/contracts.ts';
import type { ChangeCost } from './change-cost.ts';
import { objectiveOf } from './metric.ts';
import { mean, sampleDeviation } from './statistics.ts';

/** Windows of each kind before which nothing is said. */
const fewest = 4;
/** Standard errors, and a share of a window's calls, from which on a loss is plain; and a loss that would have been seen. */
const plain = { errors: 3, share: 0.02, seen: 0.06 } as const;
/** As long as the longest wait that is learnt where a probe comes back. */
const mostMs = 20_000;

/** @param seen without the ramp, oldest first @param discardMs after each flip */
export function costOfFlips(seen: readonly Measured[], discardMs: number, objective: Objective): ChangeCost | null {
  const sign = objective.direction === 'maximize' ? 1 : -1;
  const rows = seen.flatMap((one, i) => {
    const before = seen[i - 1];
    const value = objectiveOf(objective, one.window);
    if (!before || value === null || !(value > 0)) return [];
    return [{ arm: one.arm, isFlip: before.arm !== one.arm, score: sign * Math.log(value) }];
  });
  const scoresOf = (arm: Measured['arm'], isFlip: boolean) =>
    rows.flatMap((row) => (row.arm === arm && row.isFlip === isFlip ? [row.score] : []));
  const centred = (['baseline', 'candidate'] as const).flatMap((arm) => {
    const still = scoresOf(arm, false);
    const level = mean(still);
    return still.length < 2
      ? []
      : [{ still: still.map((one) => one - level), after: scoresOf(arm, true).map((one) => one - level) }];
  });
  const still = centred.flatMap((one) => one.still);
  const after = centred.flatMap((one) => one.after);
  if (after.length < fewest || still.length < fewest) return null;
  const loss = -mean(after);
  const error = Math.hypot(
    sampleDeviation(after) / Math.sqrt(after.length),
    sampleDeviation(still) / Math.sqrt(still.length - centred.length),
  );
  const windowMs = mean(seen.map(({ window }) => window.endMs - window.startMs));
  if (loss > plain.errors * error && loss > plain.share)
    return { washMs: Math.min(mostMs, discardMs + windowMs), lostMs: -Math.expm1(-loss) * windowMs };
  return loss + plain.errors * error < plain.seen ? { washMs: 0, lostMs: 0 } : null;
}

/** Of an open load as many calls come out as come, whatever a change costs, so that nothing is said of it. */
export function losesNothing(seen: readonly Measured[], load: Load): boolean {
  if (load !== 'closed') return false;
  const lost = seen.flatMap(({ arm, window, discarded }, i) => {
    const before = seen[i - 1];
    if (!before || !discarded || before.arm === arm) return [];
    const spanMs = window.startMs - before.window.endMs;
    const usual = window.outcomes.ok / (window.endMs - window.startMs);
    return spanMs > 0 && usual > 0 ? [1 - discarded.outcomes.ok / spanMs / usual] : [];
  });
  if (lost.length < fewest) return false;
  const error = sampleDeviation(lost) / Math.sqrt(lost.length);
  return mean(lost) + plain.errors * error < plain.seen;
}
