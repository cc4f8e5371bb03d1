/** The windows that predictors see, bounded in number, and the settings that are ruled out for a while. */
import type { Seen, Settings, Visit, Window } from '../../src/contracts.ts';
import { sameSettings, settingsKey } from '../entries/settings.ts';
import type { ChangeCosts } from '../trial/change-cost.ts';
import { type DesignFacts, loadOf } from '../trial/design.ts';
import { goalNow } from '../trial/goal-now.ts';

/** A setting that failed, and is not proposed again until `untilMs` on the session's own clock. */
export interface BackOff {
  readonly settings: Settings;
  /** What its ends count for together: not how many there were. */
  readonly failures: number;
  readonly untilMs: number;
  /** It was kept, and left later. */
  readonly left?: true;
  /** Nothing came out under it once. That is no failure; `untilMs` is when it happened, unless it was ruled out for longer. */
  readonly stalled?: true;
  /** It was proven better than this setting and then seen to do harm, so that it was left for it. */
  readonly harmedFrom?: Settings;
}

/** A knob that failed, and is left out of what is predicted until `untilMs` on the session's own clock. */
export interface RestingKnob {
  readonly knob: string;
  readonly failures: number;
  readonly untilMs: number;
}

/**
 * Failures that a setting counts for which was proven better and then seen to do harm: it looks well in every trial, so
 * that each one that is begun costs a commit. Its back-off is eight times as long. With the usual one, a tenth more but
 * for one window in 40 whose calls fail was committed again within minutes, until a hold-back met none of these windows.
 */
export const looksWell = 3;
const dayMs = 86_400_000;
const most = { windowsPerSetting: 24, settings: 16 } as const;

/** True for a window that says something about its settings. */
export function isUsable(window: Window): boolean {
  return window.steady && window.endMs > window.startMs && window.outcomes.ok > 0;
}

/** `windows` and one more, with the oldest dropped where there are too many of one setting or too many settings. */
export function remember(windows: readonly Window[], window: Window): readonly Window[] {
  if (!isUsable(window)) return windows;
  const key = settingsKey(window.settings);
  const same = windows.filter((one) => settingsKey(one.settings) === key);
  const dropped = same.length >= most.windowsPerSetting ? same[0] : undefined;
  const kept = [...windows.filter((one) => one !== dropped), window];
  const keys = [...new Set(kept.map((one) => settingsKey(one.settings)).reverse())];
  if (keys.length <= most.settings) return kept;
  const recent = new Set(keys.slice(0, most.settings));
  return kept.filter((one) => recent.has(settingsKey(one.settings)));
}

/** When what has failed so often may be tried again: after `restMs`, doubled with every failure. */
export function restsUntilMs(failures: number, nowMs: number, restMs: number): number {
  return nowMs + Math.max(1000, restMs) * 2 ** Math.min(10, failures);
}

/** Lets a knob that failed rest. */
export function restKnob(resting: readonly RestingKnob[], knob: string, nowMs: number, restMs: number) {
  const failures = (resting.find((one) => one.knob === knob)?.failures ?? 0) + 1;
  const one: RestingKnob = { knob, failures, untilMs: restsUntilMs(failures, nowMs, restMs) };
  return { restingKnobs: [...resting.filter((other) => other.knob !== knob), one], one };
}

/** Whether nothing came out under `settings` within the last day: the next time is not taken for an outage. */
export function hasStalled(ruledOut: readonly BackOff[], settings: Settings, nowMs: number): boolean {
  return ruledOut.some(
    (one) => one.stalled === true && nowMs - one.untilMs < dayMs && sameSettings(one.settings, settings),
  );
}

/** Remembers that nothing came out under `settings`, which rules them out for no longer than they were. */
export function rememberStall(ruledOut: readonly BackOff[], settings: Settings, nowMs: number) {
  const isOther = (other: BackOff) => !sameSettings(other.settings, settings);
  const before = ruledOut.find((other) => !isOther(other)) ?? { settings, failures: 0, untilMs: nowMs };
  const one: BackOff = { ...before, untilMs: Math.max(nowMs, before.untilMs), stalled: true };
  return { ruledOut: [...lasting(ruledOut, nowMs).filter(isOther), one], one };
}

/** What ended more than a day ago counts no more, in a session that runs for months as after a restart. */
function lasting(ruledOut: readonly BackOff[], nowMs: number): readonly BackOff[] {
  return ruledOut.filter(({ untilMs }) => nowMs - untilMs < dayMs);
}

/** Rules `settings` out for `restMs`, doubled with every failure. */
export function ruleOut(
  ruledOut: readonly BackOff[],
  settings: Settings,
  failures: number,
  nowMs: number,
  restMs: number,
  {
    left = false,
    harmedFrom,
  }: { readonly left?: boolean | undefined; readonly harmedFrom?: Settings | undefined } = {},
): { readonly ruledOut: readonly BackOff[]; readonly one: BackOff } {
  const isOther = (other: BackOff) => !sameSettings(other.settings, settings);
  const before = ruledOut.find((other) => !isOther(other));
  const total = (before?.failures ?? 0) + failures;
  const untilMs = restsUntilMs(total, nowMs, restMs);
  const harmed = harmedFrom ?? before?.harmedFrom;
  const one: BackOff = {
    settings,
    failures: total,
    untilMs,
    ...(left && { left }),
    ...(before?.stalled && { stalled: true }),
    ...(harmed && { harmedFrom: harmed }),
  };
  return { ruledOut: [...lasting(ruledOut, nowMs).filter(isOther), one], one };
}

/** What `predict` is asked: the windows, the knobs that are free to move, and what a proposal must promise. */
export function seenOf(
  facts: Pick<DesignFacts, 'session' | 'current' | 'reference'> & {
    readonly seen: readonly Window[];
    readonly visits: readonly Visit[];
    readonly changeCosts: ChangeCosts;
    readonly ruledOut: readonly BackOff[];
    readonly restingKnobs: readonly RestingKnob[];
    readonly cpus: number;
  },
  nowMs: number,
): Seen {
  const { session } = facts;
  const out = facts.ruledOut.filter((one) => one.untilMs > nowMs);
  const harmful = out.flatMap(({ settings, harmedFrom: from }) => (from ? [{ settings, from }] : []));
  const resting = new Set(facts.restingKnobs.filter((one) => one.untilMs > nowMs).map((one) => one.knob));
  return {
    windows: facts.seen,
    visits: facts.visits,
    changeLosesMs: Object.fromEntries(Object.entries(facts.changeCosts).map(([id, { lostMs }]) => [id, lostMs])),
    knobs: session.knobs.filter(({ id }) => !Object.hasOwn(session.options.fixed, id) && !resting.has(id)),
    current: facts.current,
    goal: goalNow(facts),
    load: loadOf(facts),
    cores: facts.cpus,
    worth: { gain: session.options.minGain, probability: session.options.minProbability },
    ruledOut: out.map((one) => one.settings),
    ...(harmful.length > 0 && { harmful }),
  };
}
