/**
 * piscina's own tests, run on pools after a finished trial: by calls to the pool itself, and by calls through
 * its wrap. What passes on bare pools passes on those. The tests come with the packages from npm, and where a
 * copy came without them its row is a skip that can be seen.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { exactly, type Row, skipped } from '../rows.ts';
import type { Copy } from './copies.ts';
import { type Subject, subjects } from './own-tests/made.ts';
import { type Ended, folderOf, layTests, runTests } from './own-tests/run-tests.ts';

/** A test that fails is given these further chances, for some depend on a machine that is idle. */
const furtherRuns = 2;

/**
 * Tests that see a trial while it lasts, and so cannot be run after it. Each with the reason, which is part of
 * the row.
 */
const seesTheTrial: ReadonlyMap<string, string> = new Map([
  [
    'postTask() calls the correct async hooks',
    'counts the calls of a pool from before it was made, and a trial starts a thread by a call that does nothing',
  ],
]);

export async function ownTestRows(copy: Copy): Promise<readonly Row[]> {
  const folder = await folderOf(copy.package);
  const what = `${copy.name}: its own tests`;
  if (folder === null) return [skipped(what, 'the package came without them')];
  const into = await mkdtemp(join(tmpdir(), 'sandtune-own-tests-'));
  try {
    const suites = new Map<Subject, readonly string[]>();
    for (const [index, subject] of subjects.entries())
      suites.set(subject, await layTests(folder, join(into, String(index)), subject));
    const filesOf = (subject: Subject) => suites.get(subject) ?? [];
    const bare = await runTests(filesOf('bare'));
    const rows: Row[] = [];
    for (const subject of subjects)
      if (subject !== 'bare') rows.push(await rowOf(copy, subject, bare, filesOf(subject)));
    return rows;
  } finally {
    await rm(into, { recursive: true });
  }
}

async function rowOf(copy: Copy, subject: Subject, bare: Ended, files: readonly string[]): Promise<Row> {
  const passing = [...bare.keys()].filter((test) => bare.get(test));
  const [compared, left] = [passing.filter((test) => !reasonOf(test)), passing.filter(reasonOf)];
  const ended = await runTests(files);
  let failing = compared.filter((test) => ended.get(test) !== true);
  for (let run = 0; run < furtherRuns && failing.length > 0; run++) {
    const again = await runTests(
      files.filter((file) => failing.some((test) => test.startsWith(`${basename(file)}: `))),
    );
    failing = failing.filter((test) => again.get(test) !== true);
  }
  const name = [
    `${copy.name}: of its own ${compared.length} tests that pass on a bare pool, those that fail on one ${subject}`,
    ...failing.slice(0, 3),
    ...left.map((test) => `not compared: ${test} (${reasonOf(test)})`),
  ].join('; ');
  return compared.length === 0 ? skipped(name, 'none of them passes here') : exactly(name, failing.length, 0);
}

function reasonOf(test: string): string | undefined {
  return seesTheTrial.get(test.slice(test.indexOf(': ') + 2));
}
