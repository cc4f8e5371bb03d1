import { describe, expect, it } from 'vitest';
import { report } from '../../../exporters/report/report.ts';
import { initialView } from '../../../exporters/terminal/live/state.ts';
import { statusLines } from '../../../exporters/terminal/live/status.ts';
import { viewAfter } from '../../../exporters/terminal/live/view-after.ts';
import type { Ledger } from '../../../src/contracts.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { replay } from '../../../tuner/replay.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { everyKindStory } from '../../support/sample-stories.ts';

/** What a field may have become; undefined: it is gone. `JSON.parse` makes `__proto__` an own property. */
const garbage: readonly unknown[] = [
  undefined,
  null,
  'text',
  1e308,
  -1,
  true,
  [],
  {},
  [[{}]],
  JSON.parse('{"__proto__":{"kind":1},"toString":1,"constructor":null}'),
  'x'.repeat(20_000),
  '\u001b[2J<script>alert(1)</script>',
];

const story = everyKindStory();

/** The first entry of each kind. */
const firsts = [...new Map(story.map((entry, index) => [kindOf(entry), index] as const).toReversed()).values()];

/** Of a damaged entry too. */
function kindOf(entry: Entry): string {
  const kind = typeof entry.kind === 'string' ? entry.kind : 'unknown';
  const body = (entry as unknown as Record<string, { kind?: unknown } | undefined>)[kind];
  return typeof body?.kind === 'string' ? `${kind} ${body.kind}` : kind;
}

/** Of every field; of a list its first item. */
function pathsIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .slice(0, Array.isArray(value) ? 1 : undefined)
    .flatMap(([key, part]) => [[key], ...pathsIn(part).map((path) => [key, ...path])]);
}

function changedAt(value: unknown, [key = '', ...rest]: readonly string[], to: unknown): unknown {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  if (rest.length > 0) copy[key] = changedAt(copy[key], rest, to);
  else if (to === undefined && Array.isArray(copy)) copy.splice(Number(key), 1);
  else if (to === undefined) delete copy[key];
  else copy[key] = to;
  return copy;
}

/** A ledger that gives what it has, as one with damaged rows does. */
function damagedLedger(entries: readonly Entry[]): Ledger<Entry> {
  const isWindow = (entry: Entry) => kindOf(entry) === 'event measured';
  return {
    ...memoryLedger([]),
    read: ({ session, windows = true } = {}) =>
      entries.filter((entry) => (session ?? entry.session) === entry.session && (windows || !isWindow(entry))),
  };
}

/** What the next field has become: one after the other, so that over all fields each garbage is met many times. */
function garbageAt(turn: number): readonly [number, unknown] {
  const i = (turn * 5) % garbage.length;
  return [i, garbage[i]];
}

function* damagedStories(): Generator<readonly [what: string, entries: readonly Entry[]]> {
  let turn = 0;
  for (const index of firsts) {
    const entry = story[index] as Entry;
    for (const path of pathsIn(entry)) {
      const [i, to] = garbageAt(turn++);
      yield [`${kindOf(entry)}: ${path.join('.')} = #${i}`, story.with(index, changedAt(entry, path, to) as Entry)];
    }
  }
}

describe('a ledger of which any field of any entry is damaged', () => {
  it('every kind of entry is damaged in this test', () => {
    expect(firsts.length).toBeGreaterThanOrEqual(30);
  });

  it('a ledger of which any field of any entry is damaged is reported without an error, as a page, a summary and JSON', () => {
    let turn = 0;
    for (const [what, entries] of damagedStories()) {
      try {
        const made = report(damagedLedger(entries));
        expect(made.data.damage.unreadable).toBeLessThanOrEqual(story.length);
        // A page takes ten times as long as the others.
        const text = ++turn % 8 === 0 ? made.html : turn % 8 === 4 ? made.json : made.markdown;
        if (text !== made.json) expect(text).not.toContain('<script>alert');
        expect(text).not.toContain('\u001b');
      } catch (error) {
        throw new Error(`${what}: ${(error as Error).stack}`);
      }
    }
  }, 60_000);

  it('a ledger of which any field of any entry is damaged is replayed or refused as damaged, without an error', () => {
    for (const [what, entries] of damagedStories()) {
      const played = replay(damagedLedger(entries));
      expect(typeof played.identical, what).toBe('boolean');
    }
  }, 60_000);

  it('a ledger of which any field of any entry is damaged is shown live, with nothing of the entry that cannot be read', () => {
    for (const index of firsts) {
      const before = story.slice(0, index).reduce((state, entry) => viewAfter(state, entry).state, initialView);
      const entry = story[index] as Entry;
      for (const [turn, path] of pathsIn(entry).entries()) {
        const { state } = viewAfter(before, changedAt(entry, path, garbageAt(turn)[1]) as Entry);
        expect(
          () => statusLines(state, { width: 80, paint: (text) => text, isOneOfSeveral: true }),
          path.join('.'),
        ).not.toThrow();
      }
    }
  }, 60_000);
});
