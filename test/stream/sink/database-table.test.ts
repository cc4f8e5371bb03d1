import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { DatabaseTable } from '../../../src/stream/sink/database-table.ts';
import { newWriter } from '../../../src/stream/sink/file-writer.ts';
import { packRows } from '../../../src/stream/sink/packed-rows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { bytes } from '../stream-support.ts';

const packedRow = (offset: number) => packRows([{ partition: '0', offset, weight: 1, bytes: bytes('x') }], undefined);

describe('a table of rows', () => {
  it('takes nothing more once SQLite has rolled its transaction back by itself, as where a disk is full', () => {
    const file = join(temporaryFolder(), 'out.sqlite');
    const setup = { path: file, table: 'records', overwrite: false, fromRows: null, run: null };
    const table = new DatabaseTable(setup);
    table.write(packedRow(0));
    table.commit();
    {
      using database = new DatabaseSync(file);
      database.exec(
        "CREATE TRIGGER full BEFORE INSERT ON records WHEN new.record_offset = 2 BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END",
      );
    }
    table.write(packedRow(1));
    expect(() => table.write(packedRow(2))).toThrow('disk is full');
    // Its row would stand without those that were rolled back.
    expect(() => table.write(packedRow(3))).toThrow(/expected a table whose rows were all written/);
    expect(() => table.commit()).toThrow(/expected a table whose rows were all written/);
    table.close(false);
    using database = new DatabaseSync(file);
    expect(database.prepare('SELECT record_offset FROM records').all()).toEqual([{ record_offset: 0 }]);
  });

  it('says so where its file was removed, or another put in its place, instead of committing to what is gone', () => {
    const file = join(temporaryFolder(), 'out.sqlite');
    const setup = { path: file, table: 'records', overwrite: false, fromRows: null, run: null };
    const table = new DatabaseTable(setup);
    table.write(packedRow(0));
    table.commit();
    table.write(packedRow(1));
    rmSync(file);
    expect(() => table.commit()).toThrow(/expected the file to stay where it is, it was removed or moved/);
    table.close(true);
  });

  it('commits no row of a run once a later run of its job has opened it, and is free once that has ended', () => {
    const file = join(temporaryFolder(), 'out.sqlite');
    const opened = (fencingToken: number, writer = newWriter()) =>
      new DatabaseTable({
        path: file,
        table: 'records',
        overwrite: false,
        fromRows: 0,
        run: { job: 'j', fencingToken, writer },
      });
    const offsets = () => {
      using database = new DatabaseSync(file);
      return database
        .prepare('SELECT record_offset FROM records')
        .all()
        .map((row) => row['record_offset']);
    };
    const older = opened(1);
    older.write(packedRow(0));
    older.commit();
    const later = opened(2);
    older.write(packedRow(1));
    expect(() => older.commit()).toThrow(/expected run 1 to be the newest, got run 2/);
    older.close(false);
    expect(() => opened(1)).toThrow(/expected run 1 to be the newest, got run 2/);
    later.write(packedRow(7));
    later.close(false);
    // Checkpoints that were begun anew count their runs from 1.
    const anew = opened(1);
    anew.write(packedRow(8));
    anew.close(false);
    expect(offsets()).toEqual([0, 7, 8]);
  });

  it('is kept by the later run also where that is out of sight, as in another container', () => {
    const file = join(temporaryFolder(), 'out.sqlite');
    const opened = (fencingToken: number, writer: string) =>
      new DatabaseTable({
        path: file,
        table: 'records',
        overwrite: false,
        fromRows: 0,
        run: { job: 'j', fencingToken, writer },
      });
    const elsewhere = JSON.stringify({ ...JSON.parse(newWriter()), namespace: 'pid:[1]' });
    const later = opened(2, elsewhere);
    expect(() => opened(1, newWriter())).toThrow(
      /expected run 1 to be the newest, got run 2: .*; if process .* has ended, its row in sandtune_writers may be deleted/,
    );
    later.write(packedRow(0));
    later.close(false);
    opened(1, newWriter()).close(false);
  });

  it('is taken from a later run that has ended without a word', () => {
    const file = join(temporaryFolder(), 'out.sqlite');
    const gone = JSON.stringify({ ...JSON.parse(newWriter()), pid: 2 ** 22 + 1 });
    for (const [fencingToken, writer] of [
      [2, gone],
      [1, newWriter()],
    ] as const)
      new DatabaseTable({
        path: file,
        table: 'records',
        overwrite: false,
        fromRows: 0,
        run: { job: 'j', fencingToken, writer },
      });
  });
});
