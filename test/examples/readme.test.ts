import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { tuneDefaults } from '../../tuner/options.ts';
import { calc } from '../integration/sandbox/guests.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the package, so that it resolves itself by name as a user's program would.
const folder = join(root, '.sandtune', `readme-${process.pid}`);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The one example of the README that begins and goes on so. */
function exampleWith(text: string): string {
  const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, example]) => example as string);
  const found = examples.filter((example) => example.includes(text));
  expect(found).toHaveLength(1);
  return found[0] as string;
}

/** Runs a program in the folder, and gives what it prints. */
async function run(file: string, lines: readonly string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, file);
  writeFileSync(program, lines.join('\n'));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=sandtune-source', program], {
    cwd: folder,
  });
  return stdout;
}

it('the first example of the README runs as it stands and prints a report', async () => {
  mkdirSync(folder, { recursive: true });
  const worker = join(folder, 'worker.mjs');
  writeFileSync(worker, 'export default ({ n }) => n * 2;\n');
  const stdout = await run('example.mts', [
    `const filename = ${JSON.stringify(worker)};`,
    exampleWith('wrap(new Piscina({ filename }))'),
    'await tuner.stop();',
    'await pool.close();',
  ]);
  expect(stdout).toMatch(/^#+ /m);
}, 30_000);

it('the stream of the README goes on where it ended, and begins anew where output and checkpoints are gone', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'in.txt'), 'abc\n\ndef\n');
  const program = [exampleWith('createStreamProcessor(executor, { framing: lines()'), 'await executor.close();'];
  expect(await run('stream.mts', program)).toBe('3 records, from the beginning\n');
  expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('cba\nfed\n');
  expect(await run('stream.mts', program)).toBe('0 records, resumed\n');
  for (const gone of ['out.txt', '.sandtune']) rmSync(join(folder, gone), { recursive: true });
  expect(await run('stream.mts', program)).toBe('3 records, from the beginning\n');
}, 30_000);

it('the functions that the README wraps have the knobs it names', async () => {
  const stdout = await run('functions.mts', [
    'const storeAll = async (events: readonly string[]) => events.map((event) => event.length);',
    'const fetchOne = async (address: string) => address.length;',
    exampleWith('wrap(storeAll, { batch: { size: 1, max: 64 } });      //'),
    'console.log(...[stored, fetched].flatMap((one) => one.knobs.map(({ id }) => id)), await fetched.run("four"));',
    'await Promise.all([stored.close(), fetched.close()]);',
  ]);
  expect(stdout.trim().split(' ').sort()).toEqual(['4', 'batchLingerMs', 'batchSize', 'concurrency']);
}, 30_000);

it('the README has a row for each knob of each executor', async () => {
  const stdout = await run('knobs.mts', [
    "import { createSandbox, wrap } from 'sandtune';",
    "import { Piscina } from 'piscina';",
    `const guests = { calc: { module: Uint8Array.from(${JSON.stringify([...calc])}) } };`,
    "const piscina = { filename: 'worker.mjs', minThreads: 0 };",
    'const all = {',
    '  sandbox: await createSandbox({ guests, threads: 1 }),',
    "  'wrapped pool': wrap(new Piscina(piscina)),",
    "  'pool made by': wrap({ piscina, Piscina }),",
    "  'function with': wrap(async (all: string[]) => all, { batch: { size: 1 }, concurrency: 1 }),",
    '};',
    'for (const [of, one] of Object.entries(all)) for (const { id } of one.knobs) console.log(`${id} ${of}`);',
    'for (const one of Object.values(all)) await one.close();',
  ]);
  const rows = [...readme.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, id, of]) => ({ id, of: of as string }));
  const lacking = stdout
    .trim()
    .split('\n')
    .filter((line) => {
      const [id, ...of] = line.split(' ');
      const executor = of.join(' ');
      // A pool of ours has what every pool has, and any `wrap()` its gate.
      const shared = executor === 'pool made by' ? 'wrapped pool' : '`wrap()` with';
      return !rows.some((row) => row.id === id && (row.of.includes(executor) || row.of.includes(shared)));
    });
  expect(lacking).toEqual([]);
}, 30_000);

it('the guest from npm of the README runs as it stands, with its binding of three lines', async () => {
  mkdirSync(folder, { recursive: true });
  const [, binding] = /```js\n([\s\S]*?)```/.exec(readme) as RegExpExecArray;
  writeFileSync(join(folder, 'lz4-binding.mjs'), binding as string);
  const stdout = await run('guest.mts', [
    "import { createSandbox } from 'sandtune';",
    exampleWith('lz4-binding.mjs'),
    "const packed = await lz4.function('compress')(new TextEncoder().encode('lz4 '.repeat(100))) as Uint8Array;",
    "const text = new TextDecoder().decode(await lz4.function('decompress')(packed) as Uint8Array);",
    "console.log(packed.length < 100, text === 'lz4 '.repeat(100));",
    'await lz4.close();',
  ]);
  expect(stdout.trim()).toBe('true true');
}, 30_000);

it('the limits of calls in the README stand as they are written', async () => {
  const stdout = await run('limits.mts', [
    "import { wrap } from 'sandtune';",
    'const stored = wrap(async (events: string[]) => events.map((event) => event.length), { batch: { size: 4 } });',
    exampleWith('stored.clear('),
    'console.log(stored.totals().outcomes.ok, stored.queued);',
  ]);
  expect(stdout.trim()).toBe('1 0');
}, 30_000);

it('the sandbox of the README runs as it stands', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'calc.wasm'), calc);
  const stdout = await run('sandbox.mts', [exampleWith('createSandbox({ guests')]);
  expect(stdout).toBe('5\n');
}, 30_000);

it('the executor of one’s own in the README runs as it stands', async () => {
  const stdout = await run('executor.mts', [
    'const pack = (bytes: Uint8Array, codec: string, level: number) => `${codec} ${level} ${bytes.length}`;',
    exampleWith('import { measured }'),
    'console.log(await packing.run(new Uint8Array(3)));',
    'await packing.close();',
  ]);
  expect(stdout).toBe('gzip 6 3\n');
}, 30_000);

it('the config of the README can be tuned as it stands', async () => {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.mts');
  const storeAll = `import { setTimeout } from 'node:timers/promises';
    const storeAll = async (events: readonly string[]) => (await setTimeout(1), events.map((event) => event.length));`;
  writeFileSync(config, `${storeAll}\n${exampleWith('export default defineConfig({')}`);
  const command = ['--conditions=sandtune-source', join(root, 'exporters/terminal/main.ts')];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...command, 'tune', config, '--seconds', '1', '--json'],
    { cwd: folder, env: { ...process.env, SANDTUNE_DIR: join(folder, 'state') } },
  );
  const { mode, replayIdentical, report } = JSON.parse(stdout);
  expect({ mode, replayIdentical, calls: report.accounting.outcomes.ok > 0 }).toEqual({
    mode: 'auto',
    replayIdentical: true,
    calls: true,
  });
}, 30_000);

it('the table of options in the README tells the defaults that hold', () => {
  const { expert: _, ...options } = tuneDefaults;
  const known: Record<string, unknown> = options;
  const rows = [...readme.matchAll(/^\| `([\w.]+)` \| [^|]* \| `([^`|]*)` \|$/gm)];
  const told = Object.fromEntries(rows.filter(([, name = '']) => name in known).map(([, name, text]) => [name, text]));
  expect(Object.keys(told)).toEqual(['mode', 'revertAt', 'persist', 'maxDurationMs']);
  for (const [name, text] of Object.entries(told))
    expect(String(text).replaceAll("'", ''), name).toBe(String(known[name]));
});

it('the README names only files and commands that exist', () => {
  for (const [, path] of readme.matchAll(/\]\(((?!http)[^)#]+)\)/g))
    expect(() => readFileSync(join(root, path as string))).not.toThrow();
  for (const [path] of readme.matchAll(/examples\/[\w-]+\.ts/g))
    expect(() => readFileSync(join(root, path))).not.toThrow();
});
