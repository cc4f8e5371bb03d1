import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { databaseCheckpoints, databaseSink, fileCheckpoints, iterableSource } from 'sandtune/stream';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { stream } from '../job-support.ts';
import { bytes, textOf } from '../stream-support.ts';

const sourceOf = (...records: string[]) =>
  iterableSource(() => records.map((one) => bytes(`${one}\n`)), { gives: 'bytes' });

function rowsOf(file: string): string[] {
  using database = new DatabaseSync(file);
  return database
    .prepare('SELECT bytes FROM records ORDER BY rowid')
    .all()
    .map((row) => textOf(row['bytes'] as Uint8Array));
}

it('refuses a table with content at a first start, and replaces it with the first checkpoint where it may', async () => {
  const file = join(temporaryFolder(), 'all.sqlite');
  const checkpoints = databaseCheckpoints(file);
  const begin = (...given: Parameters<typeof stream>) => stream(...given);
  const once = { delivery: 'effectively-once', recovery: 'from-beginning' } as const;
  await begin(1, once).run(sourceOf('a', 'b'), databaseSink(file), { checkpoints, job: 'j' });
  const again = begin(1, once).run(sourceOf('c'), databaseSink(file), { checkpoints, job: 'j' });
  await expect(again).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_SINK',
    message: expect.stringMatching(/expected a new or an empty table, or overwrite: true, got one of 2 rows/),
  });
  expect(rowsOf(file)).toEqual(['<a>', '<b>']);
  await begin(1, once).run(sourceOf('c'), databaseSink(file, { overwrite: true }), { checkpoints, job: 'j' });
  expect(rowsOf(file)).toEqual(['<c>']);
  await checkpoints.close();
});

it('refuses to go on where rows are gone that its checkpoint counts', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'out.sqlite');
  const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
  await stream(1).run(sourceOf('a', 'b'), databaseSink(file), { checkpoints, job: 'j' });
  {
    using database = new DatabaseSync(file);
    database.exec("DELETE FROM records WHERE record_offset = '1'");
  }
  const again = stream(1).run(sourceOf('a', 'b', 'c'), databaseSink(file), { checkpoints, job: 'j' });
  await expect(again).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_SINK',
    message: expect.stringMatching(/expected at least the 2 rows that were written before, got 1/),
  });
  await checkpoints.close();
});

it('leaves its host at work while another process keeps the database locked', async () => {
  const file = join(temporaryFolder(), 'out.sqlite');
  using other = new DatabaseSync(file);
  other.exec('PRAGMA journal_mode = WAL');
  await stream(1).run(sourceOf('a'), databaseSink(file));
  other.exec('BEGIN IMMEDIATE');
  const running = stream(1).run(sourceOf('b'), databaseSink(file, { overwrite: true }));
  let ended = false;
  void running.finally(() => (ended = true));
  // A connection on this thread would wait for the lock here, and nobody could let it go.
  for (let turns = 0; turns < 200; turns++) await turn();
  expect(ended).toBe(false);
  other.exec('ROLLBACK');
  expect(await running).toMatchObject({ delivered: 1 });
  expect(rowsOf(file)).toEqual(['<b>']);
});

it('of a run that fails nothing stays that was not committed', async () => {
  const file = join(temporaryFolder(), 'out.sqlite');
  const dying = iterableSource(
    () =>
      (async function* () {
        yield bytes('a\nb\n');
        await turn();
        throw new Error('died');
      })(),
    { gives: 'bytes' },
  );
  await expect(stream(1).run(dying, databaseSink(file))).rejects.toThrow('died');
  expect(rowsOf(file)).toEqual([]);
});

it('tells what the database says of a table that is not as it needs it', async () => {
  const file = join(temporaryFolder(), 'out.sqlite');
  {
    using database = new DatabaseSync(file);
    database.exec('CREATE TABLE records (other TEXT)');
  }
  await expect(stream(1).run(sourceOf('a'), databaseSink(file))).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_SINK',
    message: expect.stringContaining(file),
  });
});
