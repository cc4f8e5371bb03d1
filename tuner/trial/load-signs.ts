/**
 * By what a load is known again: the CPUs, its size, its mix of functions, and, where the same setting is in force
 * as then, what the objective and the latency were under it. In a closed loop that is all that tells one load from
 * another. The hour of the day decides between loads that look alike, and stands in for the level where another
 * setting is in force.
 *
 *   windows at the setting in force ─ signsOf ─▶ LoadSigns ─ likeness(then, now) ─▶ sure │ perhaps │ null
 *
 * A load that looks alike only proposes: what was proven under it goes through a trial like any other proposal.
 */
import type { Load, Objective, Settings, Window } from '../../src/contracts.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import type { LoadSigns, Sign } from '../entries/known-load.ts';
import { sameSettings } from '../entries/settings.ts';
import { objectiveOf, secondsOf } from './metric.ts';
import { mean, sampleDeviation } from './statistics.ts';

export interface Likeness {
  /** The same setting was in force, and did as well. */
  readonly sure: boolean;
  /** Of two loads that are alike the nearer one has less. */
  readonly distance: number;
}

/** Largest differences, as logs: a quarter of the size or of the latency, a seventh of the level. */
const within = { size: 0.25, level: 0.15, latency: 0.25, mix: 0.2 } as const;
/** Where the errors of the means are larger, so many of them; never more than `widest`. */
const errors = 3;
const widest = 0.5;
const nearHours = 1.5;
const functions = 8;
const hourMs = 3_600_000;

/** @returns null where the windows say nothing of the load */
export function signsOf(
  windows: readonly Window[],
  facts: {
    readonly load: Load;
    readonly cpus: number;
    readonly objective: Objective;
    readonly inForce: Settings;
    readonly atMs: number;
  },
): LoadSigns | null {
  const { load, cpus, objective, inForce, atMs } = facts;
  const size = signOf(
    windows.map((one) =>
      load === 'closed' ? (one.backlogAtStart + one.backlogAtEnd) / 2 : one.offered / secondsOf(one),
    ),
  );
  if (!size) return null;
  return {
    load,
    cpus,
    size,
    mix: mixOf(windows),
    hour: (atMs / hourMs) % 24,
    inForce,
    level: signOf(windows.flatMap((one) => objectiveOf(objective, one) ?? [])),
    latency: signOf(windows.flatMap(({ latency }) => (latency.count > 0 ? [latency.sumMs / latency.count] : []))),
  };
}

/** @returns null where the loads are not alike, or nothing says that they are */
export function likeness(then: LoadSigns, now: LoadSigns): Likeness | null {
  const alike = sameKind(then, now);
  if (alike === null) return null;
  const hours = hoursApart(then.hour, now.hour);
  const distance = alike + (hours / 12) ** 2;
  if (!sameSettings(then.inForce, now.inForce))
    // The size of a closed load is often the same all day.
    return then.load === 'open' || hours <= nearHours ? { sure: false, distance } : null;
  const level = apart(then.level, now.level, within.level);
  const latency = apart(then.latency, now.latency, within.latency);
  return level === null || latency === null ? null : { sure: true, distance: distance + level + latency };
}

/** True where `level`, measured later at the setting of `reached`, says that the load is still the same. */
export function isSameLevel(reached: Sign | null, level: Sign | null): boolean {
  return reached !== null && level !== null && apart(reached, level, within.level) !== null;
}

/** Mean and error of values above zero; null where there are too few. */
export function signOf(values: readonly number[]): Sign | null {
  const value = mean(values, 0);
  if (values.length < 3 || !(value > 0)) return null;
  return { value, error: sampleDeviation(values) / Math.sqrt(values.length) / value };
}

/** How far two loads are apart, whatever was in force; null where they are not of a kind. */
export function sameKind(then: LoadSigns, now: LoadSigns): number | null {
  if (then.load !== now.load || then.cpus !== now.cpus) return null;
  const size = apart(then.size, now.size, within.size);
  const names = [...new Set([...Object.keys(then.mix), ...Object.keys(now.mix)])];
  const mix = names.reduce((sum, name) => sum + Math.abs(shareOf(then, name) - shareOf(now, name)) / 2, 0);
  return size === null || mix > within.mix ? null : size + (mix / within.mix) ** 2;
}

/** Square of the distance, 1 at the most that is allowed; null beyond. What neither has is no difference. */
function apart(then: Sign | null, now: Sign | null, allowed: number): number | null {
  if (then === null || now === null) return then === now ? 0 : null;
  const difference = Math.log(now.value / then.value);
  const most = Math.max(allowed, Math.min(widest, errors * Math.hypot(then.error, now.error)));
  return Math.abs(difference) > most ? null : (difference / most) ** 2;
}

function shareOf({ mix }: LoadSigns, name: string): number {
  return Object.hasOwn(mix, name) ? (mix[name] ?? 0) : 0;
}

function mixOf(windows: readonly Window[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { byFunction } of windows)
    for (const [name, one] of Object.entries(byFunction))
      counts.set(name, (counts.get(name) ?? 0) + settledOf(one.outcomes));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const largest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, functions);
  return Object.fromEntries(total > 0 ? largest.map(([name, count]) => [name, count / total]) : []);
}

function hoursApart(a: number, b: number): number {
  const apartBy = Math.abs(a - b) % 24;
  return Math.min(apartBy, 24 - apartBy);
}
