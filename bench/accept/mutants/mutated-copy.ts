/** A copy of the project to put faults into, beside which the project itself stays as it is. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Mutant, mutated } from './mutant.ts';

const left = new Set(['node_modules', '.git', '.sandtune', 'dist']);
const limitMs = 600_000;

interface TestCounts {
  readonly passed: number;
  /** A file that cannot even be loaded is one. */
  readonly failed: number;
}

export interface MutatedCopy extends AsyncDisposable {
  readonly run: (tests: readonly string[]) => Promise<TestCounts>;
  readonly runWith: (mutant: Mutant) => Promise<TestCounts>;
}

export async function openCopy(root = process.cwd()): Promise<MutatedCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-mutants-'));
  await cp(root, folder, {
    recursive: true,
    filter: (source) => !left.has(source.slice(resolve(root).length + 1)),
  });
  await symlink(join(resolve(root), 'node_modules'), join(folder, 'node_modules'));
  const run = (tests: readonly string[]) => runTests(folder, tests);
  return {
    run,
    runWith: async (mutant) => {
      const path = join(folder, mutant.file);
      const text = await readFile(path, 'utf8');
      await writeFile(path, mutated(text, mutant));
      try {
        return await run(mutant.tests);
      } finally {
        await writeFile(path, text);
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function runTests(folder: string, tests: readonly string[]): Promise<TestCounts> {
  const json = join(folder, 'mutants.json');
  await rm(json, { force: true });
  await new Promise<void>((done) => {
    execFile(
      process.execPath,
      [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', ...tests],
      { cwd: folder, timeout: limitMs, maxBuffer: 2 ** 28, env: { ...process.env, SANDTUNE_TEST_JSON: json } },
      // What came of it is in the file.
      () => done(),
    );
  });
  const text = await readFile(json, 'utf8').catch(() => null);
  // Tests that never end, or take the runner with them, have noticed as well.
  if (text === null) return { passed: 0, failed: 1 };
  const told = JSON.parse(text) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
  };
  const unloaded = told.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  return { passed: told.numPassedTests, failed: told.numFailedTests + unloaded };
}
