import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { meddle, open, row, storeFile, texts } from './support.ts';

const child = fileURLToPath(new URL('./appending-child.ts', import.meta.url));

/** Runs the child to its end; `hear` is given what it says, and a way to kill it. */
async function run(path: string, how: string, hear: (said: string, kill: () => void) => void = () => {}) {
  const process_ = spawn(process.execPath, [child, path, how], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  process_.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    hear(said, () => process_.kill('SIGKILL'));
  });
  await once(process_, 'close');
  return said;
}

it.each(['exit', 'throw', 'fall off the end'])('nothing appended is lost when a process ends by: %s', async (how) => {
  const path = storeFile();
  await run(path, how);
  const { store } = open(path);
  expect(texts(store.read())).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`));
  expect(store.faults()).toEqual([]);
});

it('a process that waits for durable() and for nothing else lives until then', async () => {
  expect(await run(storeFile(), 'await')).toBe('durable\n');
});

it('a killed process loses nothing that was durable, and what is there is a beginning of what was appended', async () => {
  for (const rounds of [1, 2, 5]) {
    const path = storeFile();
    const said = await run(path, 'until killed', (lines, kill) => {
      if (lines.split('\n').length > rounds) kill();
    });
    const durable = Math.max(...said.trim().split('\n').map(Number));
    const { store } = open(path);
    const found = texts(store.read());
    expect(found).toEqual(Array.from({ length: found.length }, (_, i) => `${i}`));
    expect(found.length).toBeGreaterThanOrEqual(durable);
    expect(store.faults()).toEqual([]);
    // What was put with a row is there with it, and with no other.
    expect(store.cell('pool', 'newest')).toBe(found.at(-1));
  }
});

it('a killed process leaves nothing behind among the writers once another has written', async () => {
  const path = storeFile();
  await run(path, 'until killed', (_, kill) => kill());
  const writers = () => {
    using database = new DatabaseSync(path, { readOnly: true });
    return database.prepare('SELECT writer FROM writers').all();
  };
  expect(writers()).toHaveLength(1);
  const opened = open(path);
  opened.store.append([row('next')]);
  await opened.store.durable();
  expect(writers()).toEqual([{ writer: expect.stringContaining(`"pid":${process.pid},`) }]);
  await opened[Symbol.asyncDispose]();
  expect(writers()).toEqual([]);
});

it('of writers that cannot be seen only those are forgotten after which a thousand batches were written', async () => {
  const path = storeFile();
  await open(path)[Symbol.asyncDispose]();
  const elsewhere = (id: number) =>
    `json_object('host', 'far', 'boot', '', 'namespace', '', 'pid', ${id}, 'started', '')`;
  meddle(
    path,
    `INSERT INTO writers (rowid, writer, appended) VALUES (1, ${elsewhere(1)}, 5), (1200, ${elsewhere(2)}, 5)`,
  );
  const { store } = open(path);
  store.append([row('next')]);
  await store.durable();
  using database = new DatabaseSync(path, { readOnly: true });
  const left = database.prepare("SELECT json_extract(writer, '$.pid') AS pid FROM writers ORDER BY rowid").all();
  expect(left).toEqual([{ pid: 2 }, { pid: process.pid }]);
});
