/** The windows that predictors see, bounded in number, and the settings that are ruled out for a while. */
import type { Seen, Settings, Window } from '../../src/contracts.ts';
import { sameSettings, settingsKey } from '../entries/settings.ts';
import { type DesignFacts, loadOf } from '../trial/design.ts';

/** A setting that failed, and is not proposed again until `untilMs` on the session's own clock. */
export interface BackOff {
  readonly settings: Settings;
  readonly failures: number;
  readonly untilMs: number;
}

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

/** Rules `settings` out for `restMs`, doubled with every failure. */
export function ruleOut(
  ruledOut: readonly BackOff[],
  settings: Settings,
  failures: number,
  nowMs: number,
  restMs: number,
): { readonly ruledOut: readonly BackOff[]; readonly one: BackOff } {
  const isOther = (other: BackOff) => !sameSettings(other.settings, settings);
  const total = (ruledOut.find((other) => !isOther(other))?.failures ?? 0) + failures;
  const one = { settings, failures: total, untilMs: nowMs + Math.max(1000, restMs) * 2 ** Math.min(10, total) };
  return { ruledOut: [...ruledOut.filter(isOther), one], one };
}

/** What `predict` is asked: the windows, the knobs that are free to move, and what a proposal must promise. */
export function seenOf(
  facts: Pick<DesignFacts, 'session' | 'current' | 'reference'> & {
    readonly seen: readonly Window[];
    readonly ruledOut: readonly BackOff[];
  },
  nowMs: number,
): Seen {
  const { session } = facts;
  return {
    windows: facts.seen,
    knobs: session.knobs.filter((knob) => !Object.hasOwn(session.options.fixed, knob.id)),
    current: facts.current,
    goal: session.goal,
    load: loadOf(facts),
    cores: session.environment.cores,
    worth: { gain: session.options.minGain, probability: session.options.minProbability },
    ruledOut: facts.ruledOut.filter((one) => one.untilMs > nowMs).map((one) => one.settings),
  };
}
