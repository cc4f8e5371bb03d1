import { expect, test } from 'vitest';
import { type ManualTime, manualTime } from '../../bench/worlds/manual-time.ts';
import { report } from '../../exporters/index.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { replay } from '../../tuner/replay.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';
import { betterFromEight, entryOf, isRecord, quickOptions, ratedWorld, recordsOf } from '../support/tuned-world.ts';

/** Tuners of worlds that live by one clock. */
async function together<T>(
  names: readonly string[],
  work: (tuners: readonly Tuner[], time: ManualTime) => Promise<T>,
  options: readonly TuneOptions[] = [],
) {
  const worlds = names.map((name) => ratedWorld({ rate: betterFromEight, name }));
  const time = manualTime({ advance: (ms) => worlds.forEach((world) => world.advance(ms)) });
  const { surroundings } = time;
  const tuners = worlds.map(({ executor }, i) => {
    const expert = { ...quickOptions.expert, ...options[i]?.expert };
    return tune(executor, { ...quickOptions, surroundings, ...options[i], expert });
  });
  try {
    return await work(tuners, time);
  } finally {
    for (const tuner of tuners) await tuner.stop();
  }
}

/** Comparisons as they went: who began, in the order of their records; a hold-back belongs to its trial. */
function comparisonsOf(tuners: readonly Tuner[]): { readonly most: number; readonly by: string[] } {
  const open = new Set<string>();
  const seen = { most: 0, by: [] as string[] };
  for (const tuner of tuners)
    tuner.watch((entry: Entry) => {
      if (entry.kind !== 'record') return;
      const { record } = entry;
      const name = tuner.history.entry.executor;
      if (record.kind === 'trial') {
        open.add(name);
        if (record.purpose !== 'hold-back') seen.by.push(name);
      }
      // An a/a trial ends with its verdict; a hold-back begins in the step of its trial's decision.
      if (record.kind === 'decision' || (record.kind === 'verdict' && !tuner.history.trials.at(-1)?.decision))
        if (tuner.history.trials.at(-1)?.closed) open.delete(name);
      seen.most = Math.max(seen.most, open.size);
    });
  return seen;
}

test('of three tuners one compares at a time, each has its turn, and each proves what is better', async () => {
  await together(['a', 'b', 'c'], async (tuners) => {
    const seen = comparisonsOf(tuners);
    const proven = tuners.map((tuner) => entryOf(tuner, isRecord('anchor')));
    for (const tuner of tuners) void tuner.propose({ size: 8 });
    await Promise.all(proven);
    expect(seen.most).toBe(1);
    // Whoever has compared goes to the end of the queue, though it has more to compare.
    expect(new Set(seen.by.slice(0, 3)).size).toBe(3);
    for (const tuner of tuners) expect(tuner.anchor).toEqual({ size: 8 });
  });
});

test('a report and the history say for whom it waited, and how long; the session replays', async () => {
  await together(['a', 'b'], async (tuners) => {
    const proven = tuners.map((tuner) => entryOf(tuner, isRecord('anchor')));
    for (const tuner of tuners) void tuner.propose({ size: 8 });
    await Promise.all(proven);
    const [, b] = tuners as [Tuner, Tuner];
    const turns = recordsOf(b, 'turn');
    expect(turns[0]).toMatchObject({ waitsFor: "'a' of this process" });
    expect(b.history.turns).toMatchObject({ waitsFor: "'a' of this process", sinceMs: null });
    expect(b.history.turns.waits).toBe(turns.filter(({ waitsFor }) => waitsFor === null).length);
    expect(b.history.turns.waitedMs).toBeGreaterThan(500);
    expect(report(b.ledger).data.validity.join('\n')).toMatch(
      /Waited \d+ times? for its turn, .+ in all: (the last time )?'a' of this process compared settings on this machine\./,
    );
    await b.stop();
    expect(replay(b.ledger, b.history.entry.session)).toMatchObject({ identical: true, difference: null });
  });
});

test('a tuner that waits measures on, and is not ended by what it waits for', async () => {
  await together(['a', 'b'], async ([a, b]: readonly Tuner[]) => {
    if (!a || !b) return;
    const waits = entryOf(b, isRecord('turn'));
    void a.propose({ size: 8 });
    void b.propose({ size: 8 });
    await waits;
    expect(b.history.phase).toBe('waiting');
    const measured = await entryOf(b, (entry) => entry.kind === 'event' && entry.event.kind === 'measured');
    expect(measured).toMatchObject({ event: { effective: { size: 1 } } });
    await a.stop();
    await entryOf(b, isRecord('anchor'));
    expect(b.anchor).toEqual({ size: 8 });
  });
});

test('a tuner that stops while it waits gives up its place', async () => {
  await together(['a', 'b', 'c'], async (tuners) => {
    const [a, b, c] = tuners as [Tuner, Tuner, Tuner];
    const waits = entryOf(b, isRecord('turn'));
    const compared = entryOf(c, isRecord('noise'));
    void a.propose({ size: 8 });
    await waits;
    await b.stop();
    await compared;
    expect(recordsOf(c, 'turn').some(({ waitsFor }) => waitsFor?.includes("'b'"))).toBe(false);
  });
});

test('a tuner with nothing to compare waits for nobody', async () => {
  const options = { fixed: { size: 1 }, expert: { noisePairs: 0 } };
  await together(
    ['a', 'b'],
    async ([a, b]) => {
      void a?.propose({ size: 8 });
      await b?.settled();
      expect(a?.history.phase).toBe('trying');
      expect(b && recordsOf(b, 'turn')).toEqual([]);
    },
    [{}, options],
  );
});

test.each(['maschine', 'none', '1'])('SANDTUNE_TURNS=%s is refused with what was expected', (given) => {
  const { executor } = ratedWorld({ rate: betterFromEight });
  const surroundings = { environment: { SANDTUNE_TURNS: given } };
  expect(() => tune(executor, { ...quickOptions, surroundings })).toThrow(
    /SANDTUNE_TURNS: expected one of .*machine.*process.*off.*, got/,
  );
});

test('with SANDTUNE_TURNS=off nobody waits', async () => {
  const worlds = ['a', 'b'].map((name) => ratedWorld({ rate: betterFromEight, name }));
  const time = manualTime({ advance: (ms) => worlds.forEach((world) => world.advance(ms)) });
  const surroundings = { ...time.surroundings, environment: { SANDTUNE_TURNS: 'off' } };
  const tuners = worlds.map(({ executor }) => tune(executor, { ...quickOptions, surroundings }));
  const seen = comparisonsOf(tuners);
  const proven = tuners.map((tuner) => entryOf(tuner, isRecord('anchor')));
  for (const tuner of tuners) void tuner.propose({ size: 8 });
  await Promise.all(proven);
  for (const tuner of tuners) await tuner.stop();
  expect(seen.most).toBe(2);
  expect(tuners.flatMap((tuner) => recordsOf(tuner, 'turn'))).toEqual([]);
});

test('a wait that a stop ends is counted, and its report does not go on waiting', async () => {
  await together(['a', 'b'], async ([a, b], { timers }) => {
    if (!a || !b) return;
    const waits = entryOf(b, isRecord('turn'));
    void a.propose({ size: 8 });
    await waits;
    await timers.sleep(300);
    expect(b.history.phase).toBe('waiting');
    await b.stop();
    expect(b.history.turns).toMatchObject({ waits: 1, sinceMs: null });
    expect(b.history.turns.waitedMs).toBeGreaterThan(0);
    expect(report(b.ledger).data.validity.join('\n')).not.toMatch(/waited since/);
  });
});
