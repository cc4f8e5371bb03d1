/** Runs piscina's own tests of one copy, rewritten for one subject, each file in a process of its own. */
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Subject } from './made.ts';
import { rewriteFixture, rewriteTest } from './rewrite.ts';

/** Whether each test passed, by file and name. */
export type Ended = ReadonlyMap<string, boolean>;

/** A test has ended by then, or hangs; likewise a file of tests. */
const longestMs = { test: 15_000, file: 90_000 } as const;

/** The folder of an installed package with its tests; null where it came without them. */
export async function folderOf(name: string): Promise<string | null> {
  const folder = dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  const tests = await readdir(join(folder, 'test')).catch(() => []);
  return tests.length === 0 ? null : folder;
}

/** Lays the tests of `folder` into `into`, rewritten. @returns their files */
export async function layTests(folder: string, into: string, subject: Subject): Promise<readonly string[]> {
  await mkdir(join(into, 'test', 'fixtures'), { recursive: true });
  await symlink(join(folder, 'dist'), join(into, 'dist'));
  await cp(join(folder, 'package.json'), join(into, 'package.json'));
  const made = new URL(`./made.ts?subject=${encodeURIComponent(subject)}`, import.meta.url).href;
  const instead = { tap: new URL('./tap.ts', import.meta.url).href };
  for (const name of await readdir(join(folder, 'test', 'fixtures'))) {
    const source = await readFile(join(folder, 'test', 'fixtures', name), 'utf8');
    await writeFile(join(into, 'test', 'fixtures', name), name.endsWith('.ts') ? rewriteFixture(source) : source);
  }
  const files = (await readdir(join(folder, 'test'))).filter((name) => /(?<!\.test-d)\.ts$/.test(name));
  for (const name of files) {
    const source = await readFile(join(folder, 'test', name), 'utf8');
    await writeFile(join(into, 'test', name), rewriteTest(source, { made, instead }));
  }
  return files.map((name) => join(into, 'test', name));
}

export async function runTests(files: readonly string[]): Promise<Ended> {
  const ended = new Map<string, boolean>();
  const tests = run({
    files: [...files],
    concurrency: 1,
    timeout: longestMs.file,
    execArgv: [
      '--conditions=sandtune-source',
      '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
      `--test-timeout=${longestMs.test}`,
      // What a test that hangs left running is not waited for.
      '--test-force-exit',
    ],
  });
  const note = (passed: boolean) => (data: { name: string; file?: string; nesting: number }) => {
    const file = basename(data.file ?? data.name);
    for (let count = 1; ; count++) {
      // Some tests are called the same.
      const key = `${file}: ${data.name}${count === 1 ? '' : ` (${count})`}`;
      if (ended.has(key)) continue;
      ended.set(key, passed);
      return;
    }
  };
  tests.on('test:pass', note(true));
  tests.on('test:fail', note(false));
  for await (const _ of tests);
  return ended;
}
