/** The load, inferred from windows where the user did not declare it: do arrivals wait for completions? */

import type { Load, Window } from '../../src/contracts.ts';
import { mean, sampleDeviation } from './statistics.ts';

/** From fewer windows the load is taken to be open, because then one more check applies. */
const fewestWindows = 4;
/** Variance over mean of the backlog below which a load is closed. Arrivals that wait for nothing give at least 1, as a Poisson count does. */
const closedDispersion = 0.25;

/**
 * Closed when the backlog hardly changes and is not empty: where each completion lets the next call in,
 * equally many calls are in flight at the end of every window.
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
