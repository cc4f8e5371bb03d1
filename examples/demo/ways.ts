/** What a run saw of each way for calls to travel, by messages and in shared memory, before it chose one. */
import type { Settings, Visit } from 'sandtune';
import type { ReportData } from 'sandtune/exporters';
import type { RecordOf } from 'sandtune/tuner';
import { alike } from './grid.ts';
import { changedText } from './knob-list.ts';
import { whole } from './page.ts';
import type { DemoResult, WaySeen } from './result.ts';

/** What a run left to tell by. */
export interface Looks extends Pick<ReportData, 'points'> {
  readonly start: Settings;
  /** What the tuner found, in its order. */
  readonly visits: readonly Pick<RecordOf<'visit'>, 'visit' | 'undoes'>[];
}

interface Told {
  readonly seen: WaySeen;
  readonly isBesideStart: boolean;
}

/**
 * The best of looks and trials of each way: of what the tuner held against the start itself if there is any, else of
 * what a chain of comparisons leads to; the sweep comes after the choice.
 */
export function waysSeenIn({ points, visits, start }: Looks): readonly WaySeen[] {
  const known = visitsFrom(start, visits);
  const best = new Map<string, Told>();
  for (const { source, settings, multiple, value, windows } of points) {
    const { transport } = settings;
    if (source === 'sweep' || source === 'baseline' || typeof transport !== 'string') continue;
    // Back at the start there is nothing of a way to see.
    if (alike(settings, start)) continue;
    const visit = known.find((one) => alike(one.settings, settings));
    const seen: WaySeen = {
      transport,
      settings,
      multiple: visit ? Math.exp(visit.gain) : (multiple?.value ?? null),
      perSecond: value,
      windows: visit?.windows ?? windows,
    };
    const told = { seen, isBesideStart: visit !== undefined };
    const before = best.get(transport);
    if (!before || isBetter(told, before)) best.set(transport, told);
  }
  return [...best.values()].map(({ seen }) => seen);
}

/** Of each setting that was held against the start the surest word, and that alone which takes back the others. */
function visitsFrom(start: Settings, records: Looks['visits']): readonly Visit[] {
  return records.reduce<readonly Visit[]>((all, { visit, undoes }) => {
    if (visit === null || !alike(visit.from, start)) return all;
    const before = all.find((one) => alike(one.settings, visit.settings));
    if (before && !undoes && before.sd <= visit.sd) return all;
    return [...all.filter((one) => one !== before), visit];
  }, []);
}

function isBetter(one: Told, other: Told): boolean {
  if (one.isBesideStart !== other.isBesideStart) return one.isBesideStart;
  const [a, b] = [one.seen, other.seen];
  if (a.multiple === null && b.multiple === null) return a.perSecond > b.perSecond;
  return (a.multiple ?? 0) > (b.multiple ?? 0);
}

/** 'calls travel in messages; the tuner saw × 3.1 of the start in messages (…) and 23,900/s in shared memory (…)' */
export function waysText({ ways, start, chosen }: Pick<DemoResult, 'ways' | 'start' | 'chosen'>): string {
  const now = isRing(chosen.settings) ? 'calls travel in shared memory' : 'calls travel in messages';
  const told = ways
    .toSorted((a, b) => (b.multiple ?? 0) - (a.multiple ?? 0))
    .map(({ transport, settings, multiple, perSecond, windows }) => {
      const worth = multiple === null ? `${whole(perSecond)}/s` : `× ${multiple.toFixed(1)} of the start`;
      const moved = changedText(start.settings, settings);
      return `${worth} ${transport === 'ring' ? 'in shared memory' : 'in messages'} (${moved}; ${windows} ${windows === 1 ? 'window' : 'windows'})`;
    });
  if (told.length === 0) return `${now}; the tuner looked at nothing else`;
  const ring = ways.some(({ transport }) => transport === 'ring') ? '' : '; shared memory was not looked at';
  return `${now}; the tuner saw ${told.join(' and ')}${ring}`;
}

function isRing({ transport }: Settings): boolean {
  return transport === 'ring';
}
