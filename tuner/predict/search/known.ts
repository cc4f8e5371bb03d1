/**
 * What visits say of the settings that a search knows, each with its gain over the one in force.
 *
 *   visits, each from what was in force then ── knownOf ──▶ one gain a setting, over what is in force now
 */
import type { Settings, SettingValue } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { changes, settingsKey } from '../../entries/settings.ts';
import type { Context } from '../context.ts';
import type { Axis } from './axes.ts';
import type { Observed } from './process.ts';

export interface KnownSetting {
  readonly settings: Settings;
  readonly observed: Observed;
  readonly windows: number;
}

/** Below this log gain all settings are alike bad. */
export const worst = -0.8;
/** Windows that a setting must have had before it gets a trial: one whole visit, of which the process has made what its neighbours leave of it. */
export const knownWindows = 3;
/** Standard deviation (log) of what was in force before, over what is now. */
const homeSd = 0.02;

export function placeIn(axes: readonly Axis[], settings: Settings): readonly number[] {
  return axes.map((axis) => axis.place(valueIn(settings, axis.id) as SettingValue));
}

/** Every setting that was visited, with its gain over the one in force, which comes first. */
export function knownOf({ seen }: Context, axes: readonly Axis[]): readonly KnownSetting[] {
  const visits = seen.visits ?? [];
  const levels = new Map<string, number>();
  const levelOf = (settings: Settings) => levels.get(settingsKey(settings)) ?? 0;
  const above = visits.map((one) => {
    const level = levelOf(one.from) + one.gain;
    levels.set(settingsKey(one.settings), level);
    return { one, level };
  });
  const origin = levelOf(seen.current);
  const own = new Set(axes.map((axis) => axis.id));
  const byPlace = new Map<string, KnownSetting>();
  const here = placeIn(axes, seen.current);
  const add = (settings: Settings, level: number, sd: number, windows: number) => {
    const moved = Object.fromEntries(axes.map(({ id }) => [id, valueIn(settings, id) as SettingValue]));
    const at = placeIn(axes, moved);
    if (!Number.isFinite(level) || at.every((place, i) => place === here[i])) return;
    const observed = { at, value: Math.max(worst, level - origin), sd };
    const known: KnownSetting = { settings: { ...seen.current, ...moved }, observed, windows };
    const before = byPlace.get(at.join(' '));
    byPlace.set(at.join(' '), before ? together(before, known) : known);
  };
  for (const { one, level } of above)
    if (changes(one.from, one.settings).every(([id]) => own.has(id))) add(one.settings, level, one.sd, one.windows);
  // What the others were visited from was in force, and is known at least as well as they are.
  const home = visits[0]?.from;
  if (home) add(home, 0, homeSd, knownWindows);
  return [
    { settings: seen.current, observed: { at: here, value: 0, sd: 0.005 }, windows: Infinity },
    ...byPlace.values(),
  ];
}

function together(a: KnownSetting, b: KnownSetting): KnownSetting {
  const [u, v] = [a.observed.sd ** -2, b.observed.sd ** -2];
  const value = (u * a.observed.value + v * b.observed.value) / (u + v);
  return { ...b, observed: { ...b.observed, value, sd: (u + v) ** -0.5 }, windows: a.windows + b.windows };
}
