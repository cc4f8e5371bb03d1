/**
 * What is watched while no setting is compared with another: whether the load, its mix, the level of the
 * objective, the latency or the CPUs are still what they were.
 *
 *   reference ─ watchFrom ─▶ LevelWatch ── window by window: watchedWith ──▶ { watch, seen: Shifted │ null }
 *
 * Each series is judged by ../../src/measure/shift.ts, and each against its own past, which goes on across rests
 * and the references between them, whose windows are short and count as one where they are together as long: a load that follows the hour of the day is no shift. The mix is judged as it is after a reference.
 */
import type { Load, Objective, Settings, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { shiftIn, shiftWindows } from '../../src/measure/shift.ts';
import type { RecordOf } from '../entries/entries.ts';
import { sameSettings } from '../entries/settings.ts';
import { objectiveOf, sawCalls, secondsOf } from './metric.ts';
import { mixShift } from './stability.ts';
import { mean } from './statistics.ts';

/** Series of one value a window. */
const watchedSeries = ['load', 'level', 'latency'] as const;
type Watched = (typeof watchedSeries)[number];

type Shifted = Omit<RecordOf<'shift'>, 'kind' | 'atMs'>;

export interface LevelWatch {
  /** In force in all of its windows. */
  readonly settings: Settings;
  readonly load: Load;
  /** Whose level is watched. */
  readonly objective: Objective;
  /** Oldest first; a window without a value has none. */
  readonly series: Readonly<Record<Watched, readonly number[]>>;
  /** Windows that came while it watched; more than are ever looked at count no further. */
  readonly fresh: number;
  /** The windows of the newest values. */
  readonly last: readonly Window[];
}

/** Whether it goes on: gains of one objective are none of another, and the same is true of levels. */
export function watchesStill(
  watch: LevelWatch,
  now: { readonly settings: Settings; readonly load: Load; readonly objective: Objective },
): boolean {
  const isSame = watch.load === now.load && watch.objective.metric === now.objective.metric;
  return isSame && sameSettings(watch.settings, now.settings);
}

/** @param reference from which the first values are taken, as far as they are windows at `settings` */
export function watchFrom(
  settings: Settings,
  load: Load,
  objective: Objective,
  reference: readonly Window[],
): LevelWatch {
  const series0 = { load: [], level: [], latency: [] };
  const nothing: LevelWatch = { settings, load, objective, series: series0, fresh: 0, last: [] };
  const here = reference.filter((window) => isOf(nothing, window));
  const series = here.reduce((all, window) => extended(all, valuesOf([window], load, objective)), nothing.series);
  return { ...nothing, series };
}

/**
 * A window at another setting, or in which a knob moved, is not watched. Nor is one in which nobody called:
 * there is nothing to tune for then, and nothing to compare.
 * @param windows one, or several short ones in a row that count as one
 * @param reference whose mix is compared
 */
export function watchedWith(
  watch: LevelWatch,
  windows: readonly Window[],
  reference: readonly Window[],
): { readonly watch: LevelWatch; readonly seen: Shifted | null } {
  if (!windows.every((window) => isOf(watch, window)) || !windows.some(sawCalls)) return { watch, seen: null };
  const series = extended(watch.series, valuesOf(windows, watch.load, watch.objective));
  const fresh = Math.min(shiftWindows, watch.fresh + 1);
  const next: LevelWatch = { ...watch, series, fresh, last: windows };
  return { watch: next, seen: mixSeen(watch.last, windows, reference) ?? seriesSeen(next) };
}

/**
 * While a reference is taken anew, window by window: what shifts then would go into it half and half, and what was
 * seen before would go on being believed. Without a rest at `settings` before, nothing is known of what is usual.
 * @param short windows that are not watched yet, the newest last
 * @param asLongAsMs several of them count as one once they are together so long
 * @returns `short`: those that are left for the next time
 */
export function watchedShort(
  watch: LevelWatch | null,
  short: readonly Window[],
  asLongAsMs: number,
  { settings, reference }: { readonly settings: Settings; readonly reference: readonly Window[] },
): { readonly watch: LevelWatch | null; readonly seen: Shifted | null; readonly short: readonly Window[] } {
  if (watch === null || !sameSettings(watch.settings, settings)) return { watch, seen: null, short: [] };
  const spanMs = short.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  if (spanMs < asLongAsMs) return { watch, seen: null, short };
  return { ...watchedWith(watch, short, reference), short: [] };
}

/** The CPUs this process may use are others than before: what was predicted from them holds no longer. */
export function cpusSeen(from: number, to: number): Shifted | null {
  return from === to ? null : { of: 'cpus', from, to, windows: 1, reason: `the CPUs went from ${from} to ${to}` };
}

function isOf({ settings }: LevelWatch, window: Window): boolean {
  return window.steady && window.endMs > window.startMs && sameSettings(window.settings, settings);
}

/** Means over the windows. */
function valuesOf(
  windows: readonly Window[],
  load: Load,
  objective: Objective,
): Readonly<Record<Watched, number | null>> {
  const meanOf = (value: (window: Window) => number | null) => {
    const values = windows.flatMap((window) => value(window) ?? []);
    return values.length === 0 ? null : mean(values);
  };
  return {
    load: meanOf((window) =>
      load === 'closed' ? (window.backlogAtStart + window.backlogAtEnd) / 2 : window.offered / secondsOf(window),
    ),
    level: meanOf((window) => objectiveOf(objective, window)),
    latency: meanOf(({ latency }) => (latency.count > 0 ? latency.sumMs / latency.count : null)),
  };
}

function extended(series: LevelWatch['series'], values: ReturnType<typeof valuesOf>): LevelWatch['series'] {
  const withValue = (name: Watched) => {
    const value = values[name];
    return value === null ? series[name] : [...series[name], value].slice(-shiftWindows);
  };
  return { load: withValue('load'), level: withValue('level'), latency: withValue('latency') };
}

function mixSeen(last: readonly Window[], newest: readonly Window[], reference: readonly Window[]): Shifted | null {
  if (last.length === 0) return null;
  const recent = [...last, ...newest];
  const to = mixShift(reference, recent);
  if (to === null) return null;
  return {
    of: 'mix',
    from: 0,
    to,
    windows: recent.length,
    reason: `${(100 * to).toFixed(0)} % of the calls are of another function than before`,
  };
}

/** The load comes first, because it moves the other two. */
function seriesSeen({ series, fresh, load, objective }: LevelWatch): Shifted | null {
  for (const of of watchedSeries) {
    const shift = shiftIn(series[of], Math.min(fresh, series[of].length));
    if (!shift) continue;
    const [from, to] = [shift.from, shift.to].map((value) => valueText(of, value, load, objective));
    const since = `${shift.windows} windows ago`;
    return { of, ...shift, reason: `${titles[of]} went from ${from} to ${to} ${since}` };
  }
  return null;
}

const titles: Readonly<Record<Watched, string>> = {
  load: 'the load',
  level: 'the level of what is tuned for',
  latency: 'the mean latency',
};

function valueText(of: Watched, value: number, load: Load, { metric }: Objective): string {
  if (of === 'latency' || (of === 'level' && (metric === 'mean' || metric === 'cpu'))) return durationText(value);
  const text = Number(value.toPrecision(3)).toLocaleString('en-US');
  return of === 'load' && load === 'closed' ? `${text} calls in flight` : `${text} calls/s`;
}
