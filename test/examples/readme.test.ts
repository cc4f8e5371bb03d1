import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the package, so that it resolves itself by name as a user's program would.
const folder = join(root, '.sandtune', `readme-${process.pid}`);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the first example of the README runs as it stands and prints a report', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const example = /## Wrap what you have\n+```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(example).toContain('wrap(new Piscina({ filename }))');
  mkdirSync(folder, { recursive: true });
  const worker = join(folder, 'worker.mjs');
  writeFileSync(worker, 'export default ({ n }) => n * 2;\n');
  const program = join(folder, 'example.mts');
  writeFileSync(
    program,
    [
      "import { Piscina } from 'piscina';",
      `const filename = ${JSON.stringify(worker)};`,
      `process.chdir(${JSON.stringify(folder)});`,
      example,
      'await tuner.stop();',
      'await pool.close();',
    ].join('\n'),
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=sandtune-source', program]);
  expect(stdout).toMatch(/^#+ /m);
}, 30_000);

it('the executor of one’s own in the README runs as it stands', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const example = /```ts\n(import \{ measured \}[\s\S]*?)```/.exec(readme)?.[1];
  expect(example).toContain('knobs: {');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'executor.mts');
  writeFileSync(
    program,
    [
      'const pack = (bytes: Uint8Array, codec: string, level: number) => `${codec} ${level} ${bytes.length}`;',
      example,
      'console.log(await packing.run(new Uint8Array(3)));',
      'await packing.close();',
    ].join('\n'),
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=sandtune-source', program]);
  expect(stdout).toBe('gzip 6 3\n');
}, 30_000);

it('the README names only files and commands that exist', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  for (const [, path] of readme.matchAll(/\]\(((?!http)[^)#]+)\)/g))
    expect(() => readFileSync(join(root, path as string))).not.toThrow();
  for (const [path] of readme.matchAll(/examples\/[\w-]+\.ts/g))
    expect(() => readFileSync(join(root, path))).not.toThrow();
});
