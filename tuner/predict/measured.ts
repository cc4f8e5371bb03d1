/** What was measured where only one knob differed: the plainest evidence there is. */

import type { SettingValue } from '../../src/contracts.ts';
import { sameSettings } from '../entries/settings.ts';
import type { Context } from './context.ts';
import type { LogGain } from './gain.ts';
import type { Point } from './points.ts';

/** Log gain of setting `id` to `value`, from windows there; null where there are none. */
export function measuredGain({ points, near, now, seen }: Context, id: string, value: SettingValue): LogGain | null {
  const point = [...near, ...points].find((one) => sameSettings(one.settings, { ...seen.current, [id]: value }));
  if (!point || point === now) return null;
  return gainBetween(now, point);
}

/** Log gain of going from one setting to the other, from windows at both. */
export function gainBetween(from: Point, to: Point): LogGain {
  return { mean: to.score - from.score, sd: Math.hypot(to.scoreSd, from.scoreSd) };
}
