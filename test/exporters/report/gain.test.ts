import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Entry, SweepPoint } from '../../../tuner/entries/entries.ts';
import { memoryLedger, SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { richStory } from '../../support/sample-stories.ts';

const chosen = { ...sampleStart, batchSize: 64 };
const toBatches = { to: { batchSize: 64 }, gain: 4.12, pairs: 9 } as const;
const committed = () => new SampleSession().baseline().trial(toBatches);
const gained = { estimate: 2.4, low: 2.2, high: 2.6, level: 0.95 };

test('a sweep that visited start and chosen in turns is the headline in every output', () => {
  const { data, html, markdown } = swept(committed(), [point(sampleStart, 13_000), point(chosen, 44_000, gained)]);
  expect(data.gain).toMatchObject({
    effect: gained,
    source: 'side by side',
    metric: { start: 13_000, chosen: 44_000 },
    again: null,
  });
  expect(data.gain?.ratio).toBeCloseTo(44 / 13 - 1, 10);
  expect(data.verdict.line).toBe(
    'Set batchSize to 64: +220…+260 % goodput (95 % interval; means 13.0 k/s → 44.0 k/s, +238 %; start and chosen measured side by side), proven in 9 pairs.',
  );
  expect(html.replaceAll('\u00a0', ' ')).toContain('<dd>+220…+260 %<small>');
  expect(html.replaceAll('\u00a0', ' ')).toContain('44.0 k/s<small>from 13.0 k/s before');
  expect(markdown).toContain('goodput 44.0 k/s (from 13.0 k/s before, side by side in a sweep)');
});

test.each([
  ['does not begin with the start', [point(chosen, 44_000), point(sampleStart, 13_000, gained)]],
  ['has one round only', [point(sampleStart, 13_000, undefined, 1), point(chosen, 44_000, gained, 1)]],
  ['did not visit the chosen', [point(sampleStart, 13_000), point({ ...chosen, threads: 1 }, 44_000, gained)]],
  ['knows no gain', [point(sampleStart, 13_000), point(chosen, 44_000)]],
])('a sweep that %s leaves the headline to the trials', (_, points) => {
  expect(swept(committed(), points).data.gain?.source).toBe('trials');
});

test('what a sweep saw clearly better than what is recommended stands in the headline, until a trial judged it', () => {
  const larger = { ...sampleStart, batchSize: 128 };
  const points = (best: number) => [point(sampleStart, 13_000), point(chosen, 44_000, gained), point(larger, best)];
  const { data, html, markdown } = swept(committed(), points(60_000));
  expect(data.verdict.line).toContain(
    'a sweep found batchSize 128 clearly better, 60.0 k/s against 44.0 k/s goodput, which no trial has judged',
  );
  for (const output of [html, markdown])
    expect(output.replaceAll('\u00a0', ' ')).toMatch(/a sweep found batchSize 128 clearly better/i);
  expect(swept(committed(), points(45_000)).data.verdict.line).not.toContain('a sweep found');
  const judged = committed().trial({
    to: { batchSize: 128 },
    gain: -0.01,
    pairs: 9,
    trigger: 'worse',
    decision: 'revert',
  });
  expect(swept(judged, points(60_000)).data.verdict.line).not.toContain('a sweep found');
});

test('the figure of the headline is the ratio of the two figures beside it, in every output', () => {
  const { data, html, markdown } = report(memoryLedger(committed().stop().entries));
  const { start, chosen } = data.gain?.metric ?? expect.fail('no two values');
  const percent = `+${Math.round(100 * (chosen / start - 1))} %`;
  expect(data.verdict.line).toContain(percent);
  expect(html.replaceAll('\u00a0', ' ')).toContain(`${percent} by the two means`);
  expect(markdown).toContain(`${percent} by the two means`);
});

test('of a trial and its hold-back all pairs are the evidence, and the headline quotes the means of all of them', () => {
  const session = committed();
  const pairs = session.entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'pair' ? [{ ...one, record: { ...one.record, trial: 2 } }] : [],
  );
  const weaker = pairs.map((one) => ({
    ...one,
    record: { ...one.record, pair: { ...one.record.pair, candidate: one.record.pair.candidate / 2, d: Math.log(2.5) } },
  }));
  const [trial, verdict] = holdBackEntries(session);
  const { data } = report(
    memoryLedger([...session.entries, trial, ...weaker, verdict].filter((one) => one !== undefined)),
  );
  const alone = report(memoryLedger(committed().entries)).data.gain;
  expect(data.gain).toMatchObject({ pairs: 9, holdBackPairs: 9 });
  expect(data.gain?.effect.low).toBeLessThan(alone?.effect.low ?? 0);
  expect(data.gain?.ratio).toBeCloseTo(0.75 * (1 + (alone?.ratio ?? 0)) - 1, 1);
  expect(data.verdict.line).toContain('proven in 9 pairs and 9 of its hold-back');
});

test('one trial quotes its own two arms, and what its hold-back saw', () => {
  const session = committed();
  const { data } = report(memoryLedger([...session.entries, ...holdBackEntries(session)]));
  const [trial] = data.trials;
  expect(data.gain).toMatchObject({
    source: 'trials',
    trials: [1],
    pairs: 9,
    metric: { chosen: trial?.metric?.candidate },
  });
  expect(data.gain?.again?.estimate).toBe(3.1);
});

test('several trials are a product and show no pair of values that nobody compared', () => {
  const session = committed().trial({ to: { threads: 4 }, gain: 0.3, pairs: 12 });
  const { data, html, markdown } = report(memoryLedger(session.stop().entries));
  expect(data.gain).toMatchObject({ trials: [1, 2], pairs: 21, metric: null, again: null });
  expect(html).toContain('product of 2 trials');
  expect(html).toContain('k/s<small>all steady windows at the setting of the start');
  expect(markdown).toMatch(/goodput 14\.8 k\/s \(all steady windows at the setting of the start\)/);
});

test('a setting kept for being as good and cheaper is no part of the gain', () => {
  const { data } = report(memoryLedger(richStory()));
  expect(data.gain?.trials).toEqual([2]);
  expect(data.gain?.effect).toEqual(data.trials.find((one) => one.trial === 2)?.effect);
  expect(data.verdict.claim).toMatch(
    /^\+\d+…\+\d+ % goodput \(99 % interval; means .*\), proven in 9 pairs; threads 3 → 2 for less, not worse than −2\.0 % is proven in 16 pairs$/,
  );
});

test('means that lie outside the interval of most pairs are shown, and said to', () => {
  const entries = committed().entries.map((entry) =>
    entry.kind === 'record' && entry.record.kind === 'verdict'
      ? {
          ...entry,
          record: { ...entry.record, result: { ...entry.record.result, metric: { baseline: 10, candidate: 11 } } },
        }
      : entry,
  );
  const { data } = report(memoryLedger(entries));
  expect(data.gain?.metric).toEqual({ start: 10, chosen: 11 });
  expect(data.verdict.claim).toContain('means 10/s → 11/s, +10.0 %, which lies outside');
});

test('an effect that is not known is said to be, and none is made up from the others', () => {
  const entries = committed()
    .trial({ to: { threads: 4 }, gain: 0.3, pairs: 12 })
    .stop()
    .entries.map((entry) =>
      entry.kind === 'record' && entry.record.kind === 'verdict' && entry.record.trial === 2
        ? {
            ...entry,
            record: {
              ...entry.record,
              result: { ...entry.record.result, effect: { ...gained, estimate: Number.NaN } },
            },
          }
        : entry,
    );
  const { data } = report(memoryLedger(entries));
  expect(data.gain).toBeNull();
  expect(data.verdict.line).toMatch(
    /^Set threads to 4 and batchSize to 64: proven in 9 \+ 12 pairs, how much it gains is not known\.$/,
  );
});

function point(settings: SweepPoint['settings'], rate: number, gain?: SweepPoint['gain'], windows = 30): SweepPoint {
  const metric = { estimate: rate, low: rate * 0.96, high: rate * 1.04, level: 0.95 };
  return { settings, metric, windows, ...(gain && { gain }) };
}

function swept(session: SampleSession, points: readonly SweepPoint[]) {
  return report(memoryLedger(session.remark({ kind: 'sweep', title: 'measured again', points }).stop().entries));
}

/** Pairs after the commit that show a smaller effect of the same change. */
function holdBackEntries({ entries }: SampleSession): Entry[] {
  return entries.flatMap((entry): Entry[] => {
    if (entry.kind !== 'record') return [];
    const { record } = entry;
    if (record.kind === 'trial') return [{ ...entry, record: { ...record, trial: 2, purpose: 'hold-back' } }];
    if (record.kind !== 'verdict') return [];
    const effect = { estimate: 3.1, low: 2.9, high: 3.3, level: 0.9 };
    return [{ ...entry, record: { ...record, trial: 2, result: { ...record.result, effect } } }];
  });
}

/** The first trial was judged by calls served, while none of them was good. */
function stoodInFor(entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry) => {
    if (entry.kind !== 'record' || entry.record.kind !== 'trial' || entry.record.trial !== 1) return entry;
    const { design } = entry.record;
    const goal = { ...design.goal, objective: { metric: 'throughput', direction: 'maximize' } as const };
    return { ...entry, record: { ...entry.record, design: { ...design, goal } } };
  });
}

test('a gain is one of what its trial was judged by, and gains of two objectives do not multiply', () => {
  const alone = report(memoryLedger(stoodInFor(committed().stop().entries))).data;
  expect(alone.verdict.line).toMatch(/% throughput \(/);
  expect(alone.figures.map(({ name }) => name)).toContain('Throughput');
  const both = committed().trial({ to: { threads: 4 }, gain: 0.3, pairs: 12 });
  const { data } = report(memoryLedger(stoodInFor(both.stop().entries)));
  expect(data.gain).toMatchObject({ trials: [2], pairs: 12 });
  expect(data.verdict.line).toMatch(/% goodput \(/);
});
