/** Do arrivals wait for completions? Told from windows where the user did not say. */

import type { Load, Window } from '../../src/contracts.ts';
import { mean, sampleDeviation } from './statistics.ts';

/** Fewer windows say nothing; open is then assumed, which checks more. */
const fewestWindows = 4;
/** Arrivals that wait for nobody give a backlog that varies at least as a Poisson count does: index 1. */
const closedDispersion = 0.25;

/**
 * Closed when the backlog stands still and is never empty: each completion lets the next call in,
 * so the calls in flight are as many at every cut.
 * @param windows oldest first
 */
export function inferLoad(windows: readonly Window[]): Load {
  const backlogs = windows.flatMap((window, i) =>
    i === 0 ? [window.backlogAtStart, window.backlogAtEnd] : [window.backlogAtEnd],
  );
  if (windows.length < fewestWindows) return 'open';
  const usual = mean(backlogs);
  return usual >= 0.9 && sampleDeviation(backlogs) ** 2 / usual < closedDispersion ? 'closed' : 'open';
}
