/** Nothing is told that the ledger does not know: of now, of what nobody measured, of what one step did. */
import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { collect } from '../../../exporters/report/collect/collect.ts';
import { renderHtml } from '../../../exporters/report/html/page.ts';
import { endsText, rangeText } from '../../../exporters/words/numbers.ts';
import { stageText } from '../../../exporters/words/stages.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { extendKept, nothingKept } from '../../../tuner/history.ts';
import { memoryLedger, SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { crowdedOut } from '../../support/told-stories.ts';

const told = (entries: readonly Entry[]) => report(memoryLedger(entries));
const gone = (entries: readonly Entry[]) =>
  collect(entries.reduce(extendKept, nothingKept), {}, { runner: { is: 'gone' } });

test('a limit is not called broken now where the process that ran the session is gone', () => {
  const { entries } = new SampleSession({ tune: { subjectTo: ['p99 < 1ms'] } }).baseline();
  expect(told(entries).data.verdict.alarm).toMatch(/^p99 < 1ms is broken now, as it was from the start: /);
  expect(gone(entries).verdict.alarm).toMatch(/^p99 < 1ms was broken from the start, and when last seen: /);
});

test('of a limit that is broken for want of CPUs it is said how much of them others left', () => {
  expect(told(crowdedOut()).data.verdict.alarm).toMatch(/; others on this machine left it 0\.05 of 2 CPUs meanwhile$/);
  const { entries } = new SampleSession({ tune: { subjectTo: ['p99 < 1ms'] } }).baseline();
  expect(told(entries).data.verdict.alarm).not.toContain('others');
});

test("what was compared by another metric than the goal is told by its name, and is no point of the goal's", () => {
  const objective = { metric: 'mean', direction: 'minimize' } as const;
  const { entries } = new SampleSession().baseline().trial({ to: { batchSize: 64 }, gain: 1, pairs: 9 });
  const standIn = entries.map((entry): Entry => {
    if (entry.kind !== 'record') return entry;
    const { record } = entry;
    if (record.kind === 'baseline') return { ...entry, record: { ...record, objective } };
    if (record.kind !== 'trial') return entry;
    const { design } = record;
    return { ...entry, record: { ...record, design: { ...design, goal: { ...design.goal, objective } } } };
  });
  const { data, markdown, html } = told(standIn);
  expect(data.points).toEqual([]);
  expect(markdown).toMatch(/\| 1\. batchSize 1 → 64 \| mean latency −\d/);
  expect(html.replaceAll('\u00a0', ' ')).toMatch(/mean latency <b>−\d/);
  expect(data.validity.join(' ')).toContain('compared by what leads there: mean latency in trial 1.');
  expect(told(entries).markdown).toMatch(/\| 1\. batchSize 1 → 64 \| \+\d/);
});

/** A setting that makes every call about five times as slow comes into force. */
const slowed = (limit: string) =>
  new SampleSession({ tune: { subjectTo: [limit] } })
    .baseline(12)
    .trial({ to: { batchSize: 64 }, gain: -0.8, pairs: 9 })
    .baseline(12);

test('a limit is called broken since the start only where it was never seen kept', () => {
  const alarm = (entries: readonly Entry[]) => told(entries).data.verdict.alarm;
  const later = slowed('p99 < 200ms');
  expect(alarm(later.entries)).toMatch(/^p99 < 200ms is broken now: /);
  expect(gone(later.entries).verdict.alarm).toMatch(/^p99 < 200ms was broken when last seen: /);
  expect(alarm(later.stop().entries)).toMatch(/^p99 < 200ms was broken at the end: /);
  const always = slowed('p99 < 1ms');
  expect(alarm(always.entries)).toMatch(/^p99 < 1ms is broken now, as it was from the start: /);
  expect(alarm(always.stop().entries)).toMatch(/^p99 < 1ms was broken from the start to the end: /);
});

test('how a session began is not told of one whose first windows were dropped', () => {
  const { entries } = slowed('p99 < 1ms').remark({ kind: 'pruned', windows: 4 });
  expect(told(entries).data.verdict.alarm).toMatch(/^p99 < 1ms is broken now: /);
});

test('of two broken limits each is told with its own history and its own calls', () => {
  const session = new SampleSession({ tune: { subjectTo: ['p99 < 200ms', 'mean < 1ms', 'errors < 1%'] } })
    .baseline(12)
    .trial({ to: { batchSize: 64 }, gain: -0.8, pairs: 9 })
    .baseline(12);
  const { verdict, brokenNow } = told(session.entries).data;
  expect(verdict.alarm).toMatch(
    /^p99 < 200ms is broken now: p99 \S+ ms over the newest [\d,]+ calls; mean < 1ms is broken now, as it was from the start: mean \S+ ms over the newest [\d,]+ calls$/,
  );
  expect(brokenNow.map((one) => one.sinceStart)).toEqual([false, true]);
});

test('nobody waits for a yes in a session that has ended or whose process is gone', () => {
  const asked = () =>
    new SampleSession({ tune: { mode: 'confirm' } })
      .baseline()
      .trial({ to: { batchSize: 64 }, gain: 4.12, pairs: 9, asked: true });
  expect(told(asked().entries).data.verdict.rest).toBe('waits for your yes');
  for (const data of [gone(asked().entries), told(asked().stop().entries).data])
    expect(data.verdict.rest).toBe('not in force: the session ended before anybody answered');
});

test('windows in which no call ended are told as that, in mode observe too', () => {
  const session = new SampleSession({ tune: { mode: 'observe' } }).baseline(4);
  const silent = session.entries.map((entry): Entry => {
    if (entry.kind !== 'event' || entry.event.kind !== 'measured') return entry;
    const { window } = entry.event;
    return { ...entry, event: { ...entry.event, window: { ...window, outcomes: { ...window.outcomes, ok: 0 } } } };
  });
  const { verdict, claims } = told(silent).data;
  expect(verdict.line).toMatch(/^Not judged: no call ended ok in 4 windows; /);
  expect(claims).toContainEqual(expect.objectContaining({ kind: 'windows', values: { windows: 4 } }));
});

test('of several trials latency and throughput are told as those of one step', () => {
  const session = new SampleSession().baseline().trial({ to: { batchSize: 64 }, gain: 4.12, pairs: 9 });
  const note = (entries: readonly Entry[], name: string) =>
    told(entries).data.figures.find((one) => one.name === name)?.note;
  expect(note(session.entries, 'Throughput')).not.toContain('alone');
  const { entries } = session.trial({ to: { threads: 2 }, gain: 0.3, pairs: 16 }).stop();
  for (const name of ['Throughput', 'Latency p99'])
    expect(note(entries, name)).toMatch(/ before, in the pairs of trial 1 alone \(batchSize 1 → 64\)$/);
});

test('a stretch that holds the way to a worker as well is not called execution', () => {
  const side = (stages: Readonly<Record<string, number>>) => ({
    settings: sampleStart,
    samples: 9,
    stages: Object.entries(stages).map(([name, ms]) => ({ name, ms })),
  });
  const whole = side({ queue: 1, 'wake-up': 0, batch: 0, execute: 4, return: 0 });
  expect(stageText('execute', [whole, null])).toBe('dispatch to return');
  expect(stageText('execute', [whole, side({ 'wake-up': 0.1, execute: 4 })])).toBe('execute');
  expect(stageText('queue', [whole])).toBe('queue');
});

test('an end that bounds nothing is no figure', () => {
  expect(rangeText(-1, 0.3)).toBe('unbounded…+30.0 %');
  expect(endsText(-0.2, -1)).toBe('−20.0 %…unbounded');
  expect(endsText(Infinity, 1 / (1 + 1e6) - 1)).toBe('no bounds');
  expect(rangeText(-1, Infinity)).toBe('no bounds');
});

test('what was judged is not told as not judged, and what nobody proved is not told as judged', () => {
  const judged = new SampleSession().baseline().trial({
    to: { moduleCacheCapacity: 6 },
    gain: 0,
    pairs: 16,
    verdict: 'equivalent',
    decision: 'revert',
    trigger: 'equivalent',
  });
  const { html } = told(judged.stop().entries);
  expect(html).toContain('Nothing is recommended, so that it stays as it is.');
  expect(html).not.toContain('Nothing was judged');
  const open = new SampleSession().baseline().trial({
    to: { batchSize: 2 },
    gain: 0,
    pairs: 9,
    verdict: 'inconclusive',
    trigger: 'futile',
    decision: 'revert',
    predicted: { estimate: 0.1, low: 0, high: 0.2, level: 0.9 },
  });
  const page = renderHtml(told(open.stop().entries).data);
  expect(page).toContain('No change proven.');
  expect(page).not.toContain('Judged:');
});

test('the spread of one or two pairs is not told as the noise', () => {
  const noise = (pairs: number) =>
    told(
      new SampleSession()
        .baseline()
        .trial({ purpose: 'a/a', gain: 0, pairs, verdict: 'inconclusive', trigger: 'max duration' }).entries,
    ).data.noise;
  expect(noise(2)).toMatchObject({ source: 'adjacent windows', pairs: 20 });
  expect(noise(8)).toMatchObject({ source: 'a/a', pairs: 8 });
});

test('of a session that was switched off before it began nothing is told as going on', () => {
  const entries = new SampleSession({ tune: { mode: 'off' } }).entries.slice(0, 1);
  const kept = entries.reduce(extendKept, nothingKept);
  for (const { data } of [told(entries), report({ ...memoryLedger(entries), kept: () => kept })])
    expect(JSON.stringify(data)).not.toMatch(/still runs|so far|no recorded end/);
});
