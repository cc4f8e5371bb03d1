import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Settings } from '../../../src/contracts.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { extendKept, nothingKept } from '../../../tuner/history.ts';
import { memoryLedger, SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { adviceStory } from '../../support/sample-stories.ts';
import { claimFaults } from './claim-faults.ts';
import { LedgerFacts } from './ledger-facts.ts';

const verdictOf = (entries: readonly Entry[]) => report(memoryLedger(entries)).data.verdict;

test('settings proposed by hand do not make up for a model that was never asked', () => {
  const session = new SampleSession()
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 8, verdict: 'inconclusive', trigger: 'max duration' })
    .trial({
      to: { moduleCacheCapacity: 6 },
      gain: 0,
      pairs: 16,
      verdict: 'equivalent',
      decision: 'revert',
      trigger: 'equivalent',
    });
  const verdict = verdictOf(session.stop().entries);
  expect(verdict.kind).toBe('not-judged');
  expect(verdict.line).toBe(
    'Not judged: no model was asked; only settings proposed by hand were tried, and none was proven better; closest: moduleCacheCapacity 8 → 6, −2.5…+2.2 % (99 % interval, estimate −0.2 %).',
  );
});

test('where only a probe could tell, and the mode makes none, nothing is called not worth making', () => {
  const settings = { ...sampleStart, batchSize: 8 };
  const reason = 'what calls cost with batchSize 1 → 8: needs a probe, and mode advise changes nothing';
  const { entries } = new SampleSession({ tune: { mode: 'advise' } })
    .baseline()
    .record({ kind: 'not-tried', code: 'needs-probe', settings, reason })
    .record({ kind: 'not-tried', code: 'nothing-predicted', settings: null, reason: 'no model knows any of it' })
    .stop();
  expect(verdictOf(entries).line).toBe(`Not judged: ${reason}; to allow it: tune(executor, { mode: 'confirm' }).`);
});

test('a setting that a sweep found clearly better is not called no change worth making', () => {
  const point = (settings: Settings, estimate: number) => ({
    settings: { ...sampleStart, ...settings },
    windows: 30,
    metric: { estimate, low: 0.97 * estimate, high: 1.03 * estimate, level: 0.95 },
  });
  const session = new SampleSession()
    .baseline()
    .record({ kind: 'not-tried', code: 'nothing-predicted', settings: null, reason: 'no model predicts a gain' });
  const swept = (rate: number) => [point({}, 14_500), point({ batchSize: 64 }, rate)];
  expect(verdictOf(session.remark({ kind: 'sweep', title: 'again', points: swept(14_600) }).entries).kind).toBe(
    'no-change',
  );
  expect(verdictOf(session.remark({ kind: 'sweep', title: 'again', points: swept(40_000) }).entries).line).toBe(
    'Not judged: a sweep found batchSize 64 clearly better, 40.0 k/s against 14.5 k/s goodput; no trial has judged it.',
  );
});

test('a knob that a sweep or a probe moved is not called not tried', () => {
  const metric = { estimate: 40_000, low: 39_000, high: 41_000, level: 0.95 };
  const session = new SampleSession()
    .baseline()
    .probe({ threads: 2 }, 15_000, 'how threads scale')
    .remark({
      kind: 'sweep',
      title: 'again',
      points: [{ settings: { ...sampleStart, batchSize: 64 }, windows: 30, metric }],
    });
  const { html } = report(memoryLedger(session.stop().entries));
  expect(html).toMatch(/<[^>]*>batchSize<.*?swept, no trial/s);
  expect(html).toContain('probed, no trial');
  expect(html).toContain('not tried');
});

test('a session that a tuner runs here is said to be still measuring', () => {
  const { entries } = new SampleSession();
  const kept = entries.reduce(extendKept, nothingKept);
  const { data, html } = report({ ...memoryLedger(entries), kept: () => kept });
  expect(data.verdict.line).toMatch(
    /^Not judged: still measuring: 0 windows so far; the setting in force is threads 3, /,
  );
  expect(html).not.toContain('no recorded end');
  expect(report(memoryLedger(entries)).html).toContain('no recorded end');
});

test('a point of one window has no interval, and stands below those measured more than once', () => {
  const metric = { estimate: 50_000, low: 40_000, high: 60_000, level: 0.95 };
  const points = [
    { settings: { ...sampleStart, threads: 2 }, windows: 1, metric },
    { settings: { ...sampleStart, threads: 4 }, windows: 30, metric: { ...metric, estimate: 48_000 } },
  ];
  const { markdown } = report(
    memoryLedger(new SampleSession().baseline().remark({ kind: 'sweep', title: 'again', points }).stop().entries),
  );
  const rows = markdown.split('\n').filter((line) => line.includes('sweep, '));
  expect(rows).toEqual([
    '| threads 4 | not known | 48.0 k/s (40.0 k/s to 60.0 k/s) | 50.0 k/s | sweep, 30 windows |',
    '| threads 2 | not known | 50.0 k/s | 50.0 k/s | sweep, 1 window |',
  ]);
});

test('a session that was switched off says so', () => {
  const { entries } = new SampleSession({ tune: { mode: 'off' } });
  expect(verdictOf(entries).line).toMatch(/^Not judged: switched off; nothing was tuned; /);
});

test('the heading of the Markdown is one clause, and what a model says stands below it', () => {
  const { data, markdown } = report(memoryLedger(adviceStory()));
  expect(markdown).toMatch(/^## Try batchSize 64\n\nNot proven: .*\. A batch costs /);
  expect(data.verdict.why).toContain('a batch costs');
  expect(data.verdict.line).not.toContain('a batch costs');
});

/** A reference and two probes of one setting, with a wait before them, and no trial of a setting. */
const untried = () =>
  new SampleSession()
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 8, verdict: 'inconclusive', trigger: 'max duration' })
    .record({ kind: 'turn', waitsFor: "'api' of process 12 on web", atMs: 0 })
    .record({ kind: 'turn', waitsFor: null, atMs: 4_000, waitedMs: 4_000 })
    .probe({ batchSize: 8 }, 57_000, 'what batches cost')
    .probe({ batchSize: 8 }, 57_000, 'what batches cost');

test('where settings were probed and none got a trial, the verdict says so, what took the time, and to run longer', () => {
  const { entries } = untried().stop();
  const { verdict, claims } = report(memoryLedger(entries)).data;
  expect(verdict.line).toMatch(
    /^Not judged: no trial was begun; 1 setting was probed; waiting for its turn took 4\.00 s of \d\S* s; the session ended before a setting got a trial: run longer; the setting stays at threads 3, /,
  );
  expect(claimFaults(new LedgerFacts(entries), { verdict, claims })).toEqual([]);
});

test('where nobody was waited for and nothing was probed, only that is said to be too short', () => {
  expect(verdictOf(new SampleSession().baseline().stop().entries).line).toMatch(
    /^Not judged: no trial was begun; the session ended before a setting got a trial: run longer; /,
  );
  expect(verdictOf(new SampleSession({ tune: { mode: 'observe' } }).baseline().stop().entries).line).not.toContain(
    'run longer',
  );
});
