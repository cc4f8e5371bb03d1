/** The kept settings and off switches, which are carried over from a ledger that is set aside. */
import type { DatabaseSync } from 'node:sqlite';
import type { Cell } from '../src/store/row.ts';
import { cellsOf } from '../src/store/set-aside.ts';

export const cellKeys = { kept: 'kept', anchor: 'anchor', off: 'off' } as const;

/** @throws whatever SQLite throws for a file that holds neither cells nor the tables of version 2 */
export function salvagedCells(database: DatabaseSync): readonly Cell[] {
  const hasCells = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'cells'").get() !== undefined;
  return hasCells ? cellsOf(database) : cellsOfVersion2(database);
}

function cellsOfVersion2(database: DatabaseSync): readonly Cell[] {
  const kept = database
    .prepare('SELECT executor, configured, settings FROM kept')
    .all()
    .map((row) => ({
      subject: String(row['executor']),
      key: cellKeys.kept,
      value: `{"configured":${String(row['configured'])},"settings":${String(row['settings'])}}`,
    }));
  const switches = database
    .prepare('SELECT executor, off FROM switches')
    .all()
    .map((row) => ({ subject: String(row['executor']), key: cellKeys.off, value: row['off'] === 1 ? 'yes' : 'no' }));
  return [...kept, ...switches];
}
