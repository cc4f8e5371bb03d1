import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../tuner/entries/entries.ts';
import { emptyHistory, endingOf, extendHistory, type History, historyOf, sessionIn } from '../../tuner/history.ts';
import { adviceStory, interruptedStory, noChangeStory, richStory } from '../support/sample-stories.ts';

const stories = [
  richStory({ session: 1 }),
  noChangeStory({ session: 2 }),
  interruptedStory({ session: 3 }),
  adviceStory({ session: 4 }),
];

/** Rows as a damaged, or a later, ledger may give them. */
const foreign: readonly unknown[] = [
  null,
  undefined,
  'text',
  42,
  [],
  {},
  { kind: 'session', session: 9 },
  { kind: 'record', session: 1 },
  { kind: 'record', session: 1, record: null },
  { kind: 'record', session: 1, record: { kind: 'constructor' } },
  { kind: 'record', session: 1, record: { kind: '__proto__' } },
  { kind: 'remark', session: 2, remark: { kind: 'of a later version', text: 'x' } },
  { kind: 'of a later version', session: 2 },
  { kind: 'event', session: '2', event: { kind: 'stop', atMs: 1 } },
  { kind: 'record', session: 77, record: { kind: 'phase', phase: 'ended', reason: 'its session is not here' } },
];

/** The entries of several sessions in one order, each session's own order kept. */
function interleaved(sessions: readonly (readonly Entry[])[], turns: readonly number[]): Entry[] {
  const left = sessions.map((one) => [...one]);
  const entries: Entry[] = [];
  for (let turn = 0; left.some((one) => one.length > 0); turn++) {
    const open = left.filter((one) => one.length > 0);
    const [entry] = (open[(turns[turn % turns.length] ?? 0) % open.length] as Entry[]).splice(0, 1);
    entries.push(entry as Entry);
  }
  return entries;
}

function isWindow(entry: Entry): boolean {
  return entry.kind === 'event' && entry.event.kind === 'measured';
}

/** As it comes back from where it was written down. */
function written(history: History): History {
  return JSON.parse(JSON.stringify(history)) as History;
}

const turns = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });
const outlines = stories.map((story) => story.filter((entry) => !isWindow(entry)));

describe('folding a ledger', () => {
  it('a history folded in two halves, stored in between, is the one folded at once', () => {
    fc.assert(
      fc.property(turns, fc.double({ min: 0, max: 1, noNaN: true }), (order, share) => {
        const entries = interleaved(outlines, order);
        const half = Math.floor(share * entries.length);
        const resumed = historyOf(entries.slice(half), written(historyOf(entries.slice(0, half))));
        expect(written(resumed)).toEqual(written(historyOf(entries)));
      }),
      { numRuns: 60 },
    );
  });

  it('a history has the same sessions with and without their windows', () => {
    for (const [index, story] of stories.entries()) {
      expect(isWindow(story[2] as Entry)).toBe(true);
      expect(historyOf(story)).toEqual(historyOf(outlines[index] as Entry[]));
    }
  });

  it('interleaved sessions are read as if each stood alone', () => {
    const alone = outlines.map((one) => historyOf(one).sessions[0]);
    fc.assert(
      fc.property(turns, (order) => {
        const { sessions } = historyOf(interleaved(outlines, order));
        expect(sessions).toHaveLength(alone.length);
        for (const session of alone) expect(sessions).toContainEqual(session);
      }),
      { numRuns: 30 },
    );
  });

  it('rows that are damaged, of unknown kind, or of a session that never began change no history', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...foreign), fc.nat()), { maxLength: 20 }), (extra) => {
        const entries: unknown[] = outlines.flat();
        for (const [row, at] of extra) entries.splice(at % (entries.length + 1), 0, row);
        expect(historyOf(entries as Entry[])).toEqual(historyOf(outlines.flat()));
      }),
      { numRuns: 60 },
    );
  });

  it('a history is the very same after an entry that adds nothing', () => {
    const history = historyOf(outlines.flat());
    const window = (stories[0] as readonly Entry[]).find(isWindow) as Entry;
    for (const entry of [window, ...(foreign as Entry[])]) expect(extendHistory(history, entry)).toBe(history);
    expect(emptyHistory.sessions).toEqual([]);
  });

  it('a hundred sessions with a thousand trials, written in turns, are read', () => {
    const rich = outlines[0] as readonly Entry[];
    const trial = rich.filter(
      (entry) => entry.kind === 'record' && 'trial' in entry.record && entry.record.trial === 2,
    );
    const head = rich.slice(0, 2);
    const sessions = Array.from({ length: 100 }, (_, session) =>
      [...head, ...Array.from({ length: 10 }, (_, i) => trial.map((entry) => renumbered(entry, i + 1))).flat()].map(
        (entry): Entry => ({ ...entry, session: session + 1 }),
      ),
    );
    const history = historyOf(interleaved(sessions, [3, 14, 15, 92, 65, 35]));
    expect(history.sessions).toHaveLength(100);
    const trials = history.sessions.flatMap((one) => one.trials);
    expect(trials).toHaveLength(1000);
    expect(new Set(trials.map(endingOf))).toEqual(new Set(['kept']));
    expect(sessionIn(history, 57)?.trials.map((one) => one.pairs.length)).toEqual(Array.from({ length: 10 }, () => 9));
  });
});

function renumbered(entry: Entry, trial: number): Entry {
  return entry.kind === 'record' ? ({ ...entry, record: { ...entry.record, trial } } as Entry) : entry;
}
