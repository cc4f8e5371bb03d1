/**
 * The load, inferred from windows where the user did not declare it: do arrivals wait for completions?
 *
 *   every completion lets a call in   as many calls are in flight at the end of every window
 *   the last one lets many in         calls come in rounds, and a round begins when the one before is all back
 *
 * A round that comes at a time of its own may find nothing in flight as well, as long as calls are few or a
 * timer leaves enough time. Then the time from round to round has nothing to do with how long the calls took,
 * and the gap before a round is what they leave of it: it varies at least as much as that time does. Where a
 * round waits for the one before, the gap is the callers' own, and the time from round to round varies more.
 * Arrivals at random find calls in flight as often as there are any (Wolff), which is rarer than one time in
 * twenty only where the executor idles nearly always.
 * @see Wolff, "Poisson arrivals see time averages", Operations Research 30 (1982)
 */

import type { Load, Window } from '../../src/contracts.ts';
import { mean, median, sampleDeviation } from './statistics.ts';

/** From fewer windows the load is taken to be open, because then one more check applies. */
const fewestWindows = 4;
/** Variance over mean of the backlog below which a load is closed. Arrivals that wait for nothing give at least 1, as a Poisson count does. */
const closedDispersion = 0.25;
/** Rounds in all, and rounds together of which a variance is taken. */
const fewestRounds = 12;
const roundsTogether = 6;
/** Share of the rounds of a closed load that find nothing in flight: a call that is refused at once also begins one. */
const freshShare = 0.95;
/** Variance of the gap over that of the time from round to round: at least 1 where rounds come at times of their own. */
const closedRatio = 0.7;
/** Where the gap is so small a share of the time, rounds at times of their own would meet the calls before: less has to be shown. */
const smallGap = 0.05;
const smallGapRatio = 0.95;

/** @param windows oldest first */
export function inferLoad(windows: readonly Window[]): Load {
  if (windows.length < fewestWindows) return 'open';
  return standsStill(windows) || waitsForAll(windows) ? 'closed' : 'open';
}

/** The backlog hardly changes and is not empty. */
function standsStill(windows: readonly Window[]): boolean {
  const backlogs = windows.flatMap((window, i) =>
    i === 0 ? [window.backlogAtStart, window.backlogAtEnd] : [window.backlogAtEnd],
  );
  const usual = mean(backlogs);
  return usual >= 0.9 && sampleDeviation(backlogs) ** 2 / usual < closedDispersion;
}

/** Each round of calls begins when all of the round before are back, and because they are. */
function waitsForAll(windows: readonly Window[]): boolean {
  const all = windows.map(roundsOf).reduce(joined, noRounds);
  if (all.fresh < fewestRounds || all.fresh < freshShare * all.rounds) return false;
  const ratios = inGroups(windows.map(roundsOf)).flatMap(gapRatio);
  const allowed = all.gapMs < smallGap * all.cycleMs ? smallGapRatio : closedRatio;
  // The median: one pause of the host lengthens gap and time alike, and would hide what all others show.
  return ratios.length > 0 && median(ratios) < allowed;
}

interface Rounds {
  readonly rounds: number;
  readonly fresh: number;
  readonly gapMs: number;
  readonly gapMs2: number;
  readonly cycleMs: number;
  readonly cycleMs2: number;
}

const noRounds: Rounds = { rounds: 0, fresh: 0, gapMs: 0, gapMs2: 0, cycleMs: 0, cycleMs2: 0 };

function roundsOf(window: Window): Rounds {
  const { rounds = 0, freshRounds = 0, freshGapMs = 0, freshGapMs2 = 0 } = window;
  const { freshCycleMs = 0, freshCycleMs2 = 0 } = window;
  return {
    rounds,
    fresh: freshRounds,
    gapMs: freshGapMs,
    gapMs2: freshGapMs2,
    cycleMs: freshCycleMs,
    cycleMs2: freshCycleMs2,
  };
}

function joined(a: Rounds, b: Rounds): Rounds {
  return {
    rounds: a.rounds + b.rounds,
    fresh: a.fresh + b.fresh,
    gapMs: a.gapMs + b.gapMs,
    gapMs2: a.gapMs2 + b.gapMs2,
    cycleMs: a.cycleMs + b.cycleMs,
    cycleMs2: a.cycleMs2 + b.cycleMs2,
  };
}

/** Windows joined to the ones before until they hold enough rounds for a variance; what is left at the end is dropped. */
function inGroups(windows: readonly Rounds[]): readonly Rounds[] {
  const groups: Rounds[] = [];
  let open = noRounds;
  for (const window of windows) {
    open = joined(open, window);
    if (open.fresh < roundsTogether) continue;
    groups.push(open);
    open = noRounds;
  }
  return groups;
}

function gapRatio({ fresh, gapMs, gapMs2, cycleMs, cycleMs2 }: Rounds): readonly number[] {
  const varianceOf = (sum: number, squares: number) => Math.max(0, squares / fresh - (sum / fresh) ** 2);
  const cycles = varianceOf(cycleMs, cycleMs2);
  return cycles > 0 ? [varianceOf(gapMs, gapMs2) / cycles] : [];
}
