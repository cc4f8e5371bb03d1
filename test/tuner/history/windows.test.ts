import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Window } from '../../../src/contracts.ts';
import { mergeDistributions } from '../../../src/measure/distribution.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import {
  emptyHistory,
  extendHistory,
  extendWindows,
  type History,
  noSessionWindows,
  type SessionWindows,
} from '../../../tuner/history.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { richStory } from '../../support/sample-stories.ts';

const rich = richStory();

interface Both {
  readonly history: History;
  readonly windows: SessionWindows;
}

const nothing: Both = { history: emptyHistory, windows: noSessionWindows };

/** What a view that looks at windows does, one entry at a time. */
function folded(entries: Iterable<Entry>, from: Both = nothing): Both {
  let { history, windows } = from;
  for (const entry of entries) {
    history = extendHistory(history, entry);
    windows = extendWindows(windows, history.sessions[0]!, entry);
  }
  return { history, windows };
}

const written = (both: Both) => JSON.parse(JSON.stringify(both)) as Both;
const windowsIn = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => (entry.kind === 'event' && entry.event.kind === 'measured' ? [entry.event] : []));

describe('what windows add to the history', () => {
  const all = folded(rich);

  it('windows folded in two halves, stored in between, add the same as folded at once', () => {
    fc.assert(
      fc.property(fc.nat({ max: rich.length }), (half) => {
        const resumed = folded(rich.slice(half), written(folded(rich.slice(0, half))));
        expect(resumed.windows).toEqual(all.windows);
      }),
      { numRuns: 25 },
    );
  });

  it('a strip has one cell for each window of a trial, with the pair of those that were compared', () => {
    const { strip } = all.windows.trials.find((one) => one.trial === 2)!;
    // One short window of each arm before the nine pairs.
    expect(strip.map((cell) => cell.pair)).toEqual([
      null,
      null,
      ...Array.from({ length: 18 }, (_, i) => Math.floor(i / 2)),
    ]);
    expect(strip.reduce((sum, cell) => sum + (cell.pair === null ? 0 : 1), 0)).toBe(18);
    expect(new Set(strip.slice(2).map((cell) => cell.arm))).toEqual(new Set(['baseline', 'candidate']));
  });

  it('the sums of a kept trial are exactly those of its paired windows', () => {
    const begin = rich.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'trial' && one.record.trial === 2,
    );
    const end = rich.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2,
    );
    const measured = windowsIn(rich.slice(begin, end)).slice(2);
    const { sums } = all.windows.trials.find((one) => one.trial === 2)!;
    for (const arm of ['baseline', 'candidate'] as const) {
      const windows = measured.filter((one) => one.arm === arm).map((one): Window => one.window);
      expect(sums?.[arm].windows).toBe(windows.length);
      expect(sums?.[arm].latency).toEqual(mergeDistributions(windows.map((one) => one.latency)));
      expect(sums?.[arm].byFunction['blake3']?.outcomes.ok).toBe(
        windows.reduce((sum, one) => sum + one.byFunction['blake3']!.outcomes.ok, 0),
      );
    }
  });

  it('no sums and no window are kept of a trial that cannot be recommended', () => {
    const kept = all.windows.trials.flatMap((one) => (one.sums === null ? [] : [one.trial]));
    expect(kept).toEqual(
      all.history.sessions[0]?.trials.flatMap((one) =>
        one.decision?.decision === 'commit' || (one.purpose === 'hold-back' && one.passed) ? [one.trial] : [],
      ),
    );
    for (const { unpaired } of all.windows.trials) expect(unpaired).toEqual({});
  });

  it('a probe has the values of its own windows only, apart from those beside them at the setting in force', () => {
    expect(all.windows.probes).toHaveLength(1);
    const { baseline, candidate } = all.windows.probes[0]!;
    expect([baseline.length, candidate.length]).toEqual([2, 3]);
    for (const value of candidate) expect(value).toBeGreaterThan(50_000);
    for (const value of baseline) expect(value).toBeLessThan(20_000);
  });

  it('every window is counted, and those at the start are summed up until another setting is the anchor', () => {
    const measured = windowsIn(rich);
    expect(all.windows.count).toBe(measured.length);
    expect(all.windows.okCalls).toBe(measured.reduce((sum, one) => sum + one.window.outcomes.ok, 0));
    const anchored = rich.findIndex((one) => one.kind === 'record' && one.record.kind === 'anchor');
    const atStart = windowsIn(rich.slice(0, anchored)).filter((one) => one.window.settings['batchSize'] === 1);
    expect(all.windows.atStart.windows).toBe(atStart.length);
  });

  it('a window in which a knob moved is no part of a pair', () => {
    const entries = new SampleSession()
      .baseline(1)
      .trial({ to: { batchSize: 64 }, gain: 1, pairs: 1, cutOff: true }).entries;
    const unsteady = entries.map(
      (entry, i): Entry =>
        i === entries.length - 2 && entry.kind === 'event' && entry.event.kind === 'measured'
          ? { ...entry, event: { ...entry.event, window: { ...entry.event.window, steady: false } } }
          : entry,
    );
    const [trial] = folded(unsteady).windows.trials;
    expect(trial?.strip.at(-1)).toMatchObject({ steady: false, pair: null });
    expect(trial?.strip.filter((cell) => cell.pair === 0)).toHaveLength(2);
  });

  it('nothing is added by rows that cannot be read, by entries of another session, and where windows were dropped', () => {
    const [session] = all.history.sessions;
    const foreign = [null, 'text', {}, { kind: 'event', session: 4_071, event: null }, { ...rich[2], session: 1 }];
    for (const row of foreign) expect(extendWindows(all.windows, session!, row as Entry)).toBe(all.windows);
    const outline = rich.filter((entry) => entry.kind !== 'event' || entry.event.kind !== 'measured');
    expect(folded(outline).windows).toBe(noSessionWindows);
  });

  it('a trial whose first windows were dropped has the cells of the others', () => {
    const first = rich.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'trial' && one.record.trial === 2,
    );
    const pruned = rich.filter(
      (entry, i) => i > first + 8 || entry.kind !== 'event' || entry.event.kind !== 'measured',
    );
    const { strip } = folded(pruned).windows.trials.find((one) => one.trial === 2)!;
    const whole = all.windows.trials.find((one) => one.trial === 2)!.strip;
    expect(strip.length).toBeLessThan(whole.length);
    expect(strip.at(-1)).toEqual(whole.at(-1));
  });
});
