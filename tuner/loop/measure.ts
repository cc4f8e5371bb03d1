/** Actions that measure, and what is remembered of what they saw. */
import type { Settings, Window } from '../../src/contracts.ts';
import { quantileMs } from '../../src/measure/distribution.ts';
import type { Arm } from '../entries/entries.ts';
import { settingsKey } from '../entries/settings.ts';
import type { Action, State } from './state.ts';

/** Longest windows of a tuner that only looks on. */
export const watchMs = 5000;
/** Windows kept per setting for the predictors, and settings kept. */
const remembered = { windowsPerSetting: 24, settings: 16 } as const;

/** One window at `settings`. No flip, no discard, unless asked for. */
export function measure(
  state: State,
  settings: Settings,
  span: {
    readonly arm?: Arm;
    readonly discardMs?: number;
    readonly forMs?: number;
    readonly minCompletions?: number;
  } = {},
): Action {
  const { options } = state.session;
  const forMs = span.forMs ?? options.windowMs;
  return {
    kind: 'measure',
    arm: span.arm ?? 'baseline',
    settings,
    discardMs: span.discardMs ?? 0,
    forMs,
    minCompletions: span.minCompletions ?? options.minCompletions,
    // A stalled arm must show up as an empty window soon, not be waited for.
    maxMs: Math.min(options.maxDurationMs, Math.max(4 * forMs, 2000)),
  };
}

/** Time after which the calls of an earlier arm have come out: their p99 latency. Milliseconds. */
export function drainMs(windows: readonly Window[]): number {
  return windows.reduce(
    (longest, window) => (window.latency.count === 0 ? longest : Math.max(longest, quantileMs(window.latency, 0.99))),
    0,
  );
}

/** True for a window that says something about its settings. */
export function isUsable(window: Window): boolean {
  return window.steady && window.endMs > window.startMs && window.outcomes.ok > 0;
}

/** `windows` with one more, bounded per setting and over all. */
export function remember(windows: readonly Window[], window: Window): readonly Window[] {
  if (!isUsable(window)) return windows;
  const key = settingsKey(window.settings);
  const same = windows.filter((one) => settingsKey(one.settings) === key);
  const dropped = same.length >= remembered.windowsPerSetting ? same[0] : undefined;
  const kept = [...windows.filter((one) => one !== dropped), window];
  const keys = [...new Set(kept.map((one) => settingsKey(one.settings)).reverse())];
  if (keys.length <= remembered.settings) return kept;
  const recent = new Set(keys.slice(0, remembered.settings));
  return kept.filter((one) => recent.has(settingsKey(one.settings)));
}
