/** What a run saw of each way for calls to travel, by messages and in shared memory, before it chose one. */
import type { Settings } from 'sandtune';
import type { ReportData } from 'sandtune/exporters';
import { changedText } from './knob-list.ts';
import type { DemoResult, WaySeen } from './result.ts';

/** The best of looks and trials of each way; the sweep comes after the choice. */
export function waysSeenIn({ points }: Pick<ReportData, 'points'>): readonly WaySeen[] {
  const best = new Map<string, WaySeen>();
  for (const { source, settings, multiple, windows } of points) {
    const { transport } = settings;
    if (source === 'sweep' || source === 'baseline' || multiple === null || typeof transport !== 'string') continue;
    const seen: WaySeen = { transport, settings, multiple: multiple.value, windows };
    const before = best.get(transport);
    if (!before || before.multiple < seen.multiple) best.set(transport, seen);
  }
  return [...best.values()];
}

/** 'messages; before that it saw × 3.1 of the start at batchSize 1 → 16, and × 2.4 in shared memory' */
export function waysText({ ways, start, chosen }: Pick<DemoResult, 'ways' | 'start' | 'chosen'>): string {
  const now = isRing(chosen.settings) ? 'calls travel in shared memory' : 'calls travel in messages';
  const told = ways
    .toSorted((a, b) => b.multiple - a.multiple)
    .map(
      ({ transport, settings, multiple, windows }) =>
        `× ${multiple.toFixed(1)} of the start ${transport === 'ring' ? 'in shared memory' : 'in messages'} (${changedText(start.settings, settings)}; ${windows} windows)`,
    );
  if (told.length === 0) return `${now}; the tuner looked at nothing else`;
  const ring = ways.some(({ transport }) => transport === 'ring') ? '' : '; shared memory was not looked at';
  return `${now}; the tuner saw ${told.join(' and ')}${ring}`;
}

function isRing({ transport }: Settings): boolean {
  return transport === 'ring';
}
