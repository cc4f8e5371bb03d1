import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { report, writeReport } from '../../../exporters/index.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { interruptedStory, noChangeStory, richStory } from '../../support/sample-stories.ts';

const keys = [
  'accounting',
  'baseline',
  'brokenNow',
  'callsAffectedByReverts',
  'claims',
  'damage',
  'figures',
  'gain',
  'latency',
  'measuring',
  'noise',
  'notTried',
  'notes',
  'objective',
  'points',
  'predictions',
  'recommendations',
  'reproduce',
  'reverts',
  'schemaVersion',
  'session',
  'settings',
  'stages',
  'throughput',
  'title',
  'trials',
  'validity',
  'verdict',
];

test('the rows of a report are made once, and stay those of when it was asked for', () => {
  const ledger = memoryLedger(richStory());
  const { data } = report(ledger);
  const asked = report(ledger).data;
  for (const rows of ['trials', 'points', 'reverts', 'predictions'] as const) {
    expect(data[rows].length, rows).toBeGreaterThan(0);
    expect(data[rows], rows).toBe(data[rows]);
    expect(asked[rows], rows).not.toBe(data[rows]);
  }
  expect(data.reverts.reduce((sum, one) => sum + one.callsAffected, 0)).toBe(data.callsAffectedByReverts);
});

test('the JSON is version 2 and has the same keys whatever happened', () => {
  for (const entries of [richStory(), noChangeStory(), interruptedStory(), []]) {
    const data = JSON.parse(report(memoryLedger(entries)).json);
    expect(data.schemaVersion).toBe(2);
    expect(Object.keys(data).sort()).toEqual(keys);
  }
});

test('effects in the JSON are fractions', () => {
  const data = JSON.parse(report(memoryLedger(richStory())).json);
  expect(data.gain.effect.estimate).toBeGreaterThan(3.5);
  expect(data.gain.effect.estimate).toBeLessThan(4.5);
  expect(data.noise.floor).toBeLessThan(0.1);
});

test('the last session is shown unless another is asked for', () => {
  const ledger = memoryLedger([...richStory({ session: 1 }), ...noChangeStory({ session: 2 })]);
  expect(report(ledger).data.session?.session).toBe(2);
  expect(report(ledger).data.verdict.kind).toBe('no-change');
  expect(report(ledger, { session: 1 }).data.verdict.kind).toBe('change');
});

test('a session that is not there is an error that names those that are', () => {
  const ledger = memoryLedger(richStory({ session: 1 }));
  expect(() => report(ledger, { session: 9 })).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION', message: expect.stringContaining('(1), got 9') }),
  );
});

test('entries of two sessions that overlap stay apart', () => {
  const [one, two] = [richStory({ session: 1 }), noChangeStory({ session: 2 })];
  const mixed = one.flatMap((entry, i) => [entry, ...(two[i] ? [two[i]] : [])]);
  const ledger = memoryLedger(mixed);
  expect(report(ledger, { session: 1 }).json).toBe(report(memoryLedger(one)).json);
  expect(report(ledger, { session: 2 }).json).toBe(report(memoryLedger([...two])).json);
});

test('the Markdown has the verdict first, the edit as a diff, the trials as a table, the rest folded', () => {
  const { markdown, data } = report(memoryLedger(richStory()));
  const { action, claim } = data.verdict;
  expect(markdown.split('\n').slice(0, 3)).toEqual([
    `## ${action}: ${claim}`,
    '',
    '2 other changes tried, and none of them was proven to be worth it.',
  ]);
  expect(markdown).toContain('```diff\nsandtune.config.mts\n-   batchSize: 1,\n+   batchSize: 64,\n');
  expect(markdown.match(/^\| \d+\. /gm)).toHaveLength(data.trials.length);
  expect(markdown.match(/<details>/g)).toHaveLength(2);
  expect(markdown.match(/<\/details>/g)).toHaveLength(2);
});

test('an unproven verdict carries no edit that was not recorded for it', () => {
  expect(report(memoryLedger(noChangeStory())).markdown).not.toContain('```diff');
});

test('three files are written where asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-report-'));
  try {
    const made = report(memoryLedger(richStory()));
    const paths = await writeReport(made, join(folder, 'deep', 'er'));
    expect(await readFile(paths.html, 'utf8')).toBe(made.html);
    expect(await readFile(paths.markdown, 'utf8')).toBe(made.markdown);
    expect(await readFile(paths.json, 'utf8')).toBe(made.json);
  } finally {
    await rm(folder, { recursive: true });
  }
});
