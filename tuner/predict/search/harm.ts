/**
 * The budget of harm: for how long probes may be worth less than the setting in force. Some of it at once, and a share
 * of the time that goes by. It lives over restarts, as the day's budget of false commits does: a process that begins
 * anew every minute has no more of it than one that goes on.
 *
 *   harmed so far, time so far ─▶ owed: what the share of that time has not paid yet
 *   owed when it was written, time since ─▶ owed now: with that the next session begins
 *
 * A probe whose process died under it has told nobody what it did, so that each of its windows counts as harmed.
 */

/** Time in which probes may be worth less than the setting in force: some at first, and a share of all. */
const allowed = { firstMs: 12_000, share: 0.0025 } as const;

/** Windows of a probe at its setting, at the most. */
export const mostProbeWindows = 3;

/** How long probes may have harmed by now. */
export function mayHarmMs(nowMs: number): number {
  return allowed.firstMs + allowed.share * nowMs;
}

/** What was harmed beyond the share of the time that went by. */
export function owedMs(harmedMs: number, nowMs: number): number {
  return Math.max(0, harmedMs - allowed.share * Math.max(0, nowMs));
}
