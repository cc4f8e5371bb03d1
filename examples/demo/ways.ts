/** What a run saw of each way for calls to travel, by messages and in shared memory, before it chose one. */
import type { Settings } from 'sandtune';
import type { ReportData } from 'sandtune/exporters';
import { changedText } from './knob-list.ts';
import { whole } from './page.ts';
import type { DemoResult, WaySeen } from './result.ts';

/** The best of looks and trials of each way, of those that can be compared with the start if there are any; the sweep comes after the choice. */
export function waysSeenIn({ points }: Pick<ReportData, 'points'>): readonly WaySeen[] {
  const best = new Map<string, WaySeen>();
  for (const { source, settings, multiple, value, windows } of points) {
    const { transport } = settings;
    if (source === 'sweep' || source === 'baseline' || typeof transport !== 'string') continue;
    const seen: WaySeen = { transport, settings, multiple: multiple?.value ?? null, perSecond: value, windows };
    const before = best.get(transport);
    if (!before || isBetter(seen, before)) best.set(transport, seen);
  }
  return [...best.values()];
}

function isBetter(one: WaySeen, other: WaySeen): boolean {
  if (one.multiple === null && other.multiple === null) return one.perSecond > other.perSecond;
  return (one.multiple ?? 0) > (other.multiple ?? 0);
}

/** 'calls travel in messages; the tuner saw × 3.1 of the start in messages (…) and 23,900/s in shared memory (…)' */
export function waysText({ ways, start, chosen }: Pick<DemoResult, 'ways' | 'start' | 'chosen'>): string {
  const now = isRing(chosen.settings) ? 'calls travel in shared memory' : 'calls travel in messages';
  const told = ways
    .toSorted((a, b) => (b.multiple ?? 0) - (a.multiple ?? 0))
    .map(({ transport, settings, multiple, perSecond, windows }) => {
      const worth = multiple === null ? `${whole(perSecond)}/s` : `× ${multiple.toFixed(1)} of the start`;
      const moved = changedText(start.settings, settings);
      return `${worth} ${transport === 'ring' ? 'in shared memory' : 'in messages'} (${moved}; ${windows} windows)`;
    });
  if (told.length === 0) return `${now}; the tuner looked at nothing else`;
  const ring = ways.some(({ transport }) => transport === 'ring') ? '' : '; shared memory was not looked at';
  return `${now}; the tuner saw ${told.join(' and ')}${ring}`;
}

function isRing({ transport }: Settings): boolean {
  return transport === 'ring';
}
